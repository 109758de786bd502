#include "fathom/image/dicom_grey.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimgle/dcmimage.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <tuple>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/image/window.h"

namespace fathom::image {
namespace {

using internal::Window;

bool has_items(DcmDataset& dataset, const DcmTagKey& key) {
  DcmSequenceOfItems* sequence = nullptr;
  return dataset.findAndGetSequence(key, sequence).good() && sequence->card() > 0;
}

std::optional<double> read_real(DcmDataset& dataset, const DcmTagKey& key) {
  Float64 value = 0;
  if (dataset.findAndGetFloat64(key, value).bad()) return std::nullopt;
  return value;
}

/// A whole number of 16 bits; signed where the stored values are, whatever the file calls it.
std::optional<int> read_stored(DcmDataset& dataset, const DcmTagKey& key) {
  long value = 0;
  Uint16 is_signed = 0;
  if (dataset.findAndGetLongInt(key, value).bad()) return std::nullopt;
  dataset.findAndGetUint16(DCM_PixelRepresentation, is_signed);
  return is_signed == 1 ? static_cast<Sint16>(value) : static_cast<Uint16>(value);
}

/// From the values that DCMTK gives to the units of the window.
struct Rescale {
  double slope = 1;
  double intercept = 0;
  double operator()(double value) const { return slope * value + intercept; }
};

Rescale read_rescale(DcmDataset& dataset, const std::string& where) {
  if (!internal::leaves_rescale(dataset)) return {};
  const Rescale rescale{read_real(dataset, DCM_RescaleSlope).value_or(0),
                        read_real(dataset, DCM_RescaleIntercept).value_or(0)};
  constexpr double kMax = 1e300;  // far from where sums become infinite
  const double most = std::abs(rescale.slope) * 65536 + std::abs(rescale.intercept);
  if (rescale.slope == 0 || !(most < kMax)) {
    throw Error(
        fmt::format("{}: a DICOM file: the rescale slope {} and intercept {} leave no image", where,
                    rescale.slope, rescale.intercept));
  }
  return rescale;
}

/// The first window; nothing when there is none that the standard allows.
std::optional<Window> read_window(DcmDataset& dataset) {
  const auto centre = read_real(dataset, DCM_WindowCenter);
  const auto width = read_real(dataset, DCM_WindowWidth);
  if (!centre || !width) return std::nullopt;
  return internal::make_window(*centre, *width, internal::read_text(dataset, DCM_VOILUTFunction));
}

template <class T>
std::vector<int> copy_values(const DiPixel& pixels) {
  const T* values = static_cast<const T*>(pixels.getData());
  return {values, values + pixels.getCount()};
}

/// The values before any window.
std::vector<int> values_of(const DiPixel& pixels) {
  switch (pixels.getRepresentation()) {
    case EPR_Uint8:
      return copy_values<Uint8>(pixels);
    case EPR_Sint8:
      return copy_values<Sint8>(pixels);
    case EPR_Uint16:
      return copy_values<Uint16>(pixels);
    case EPR_Sint16:
      return copy_values<Sint16>(pixels);
    default:
      return {};  // of more bits than are read
  }
}

/// The least and the greatest value but for padding (PS3.3, C.7.5.1.1.2); twice the same when there
/// is nothing else.
std::pair<int, int> range_of(DcmDataset& dataset, const std::vector<int>& values) {
  const auto padding = read_stored(dataset, DCM_PixelPaddingValue);
  const int first = padding.value_or(0);
  const int limit = read_stored(dataset, DCM_PixelPaddingRangeLimit).value_or(first);
  const auto is_padding = [&](int value) {
    return padding && value >= std::min(first, limit) && value <= std::max(first, limit);
  };
  std::optional<std::pair<int, int>> range;
  for (const int value : values) {
    if (is_padding(value)) continue;
    if (!range) range = {value, value};
    range->first = std::min(range->first, value);
    range->second = std::max(range->second, value);
  }
  return range.value_or(std::pair{first, first});
}

/// All values that there can be, of 8 bits; of more, those that there are.
Window whole_range(DcmDataset& dataset, const DicomImage& image, const std::vector<int>& values,
                   const Rescale& rescale) {
  Uint16 bits = 0;
  dataset.findAndGetUint16(DCM_BitsStored, bits);
  double low = 0, high = 0;
  if (bits > 8) {
    std::tie(low, high) = range_of(dataset, values);
  } else {
    constexpr int kPossible = 1;
    image.getMinMaxValues(low, high, kPossible);
  }
  return internal::stretch(std::min(rescale(low), rescale(high)),
                           std::max(rescale(low), rescale(high)));
}

/// Where both are told, they should agree; DCMTK believes the second, too.
bool is_inverted(DcmDataset& dataset) {
  const std::string shape = internal::read_text(dataset, DCM_PresentationLUTShape);
  if (shape == "INVERSE" || shape == "IDENTITY") return shape == "INVERSE";
  return internal::read_text(dataset, DCM_PhotometricInterpretation) == "MONOCHROME1";
}

Image from_grey(const std::vector<std::uint8_t>& samples, int height, int width) {
  Image image(height, width);
  for (std::size_t i = 0; i < image.rgb.size(); ++i) image.rgb[i] = samples[i / 3];
  return image;
}

Image shown_by_lookup(DicomImage& image, int height, int width, const std::string& where) {
  std::vector<std::uint8_t> samples(static_cast<std::size_t>(height) * width);
  if (image.setVoiLut(0) == 0 || image.getOutputData(samples.data(), samples.size(), 8) == 0) {
    throw Error(where + ": a DICOM file: its VOI LUT cannot be used");
  }
  return from_grey(samples, height, width);
}

std::vector<std::uint8_t> shown_by_window(DcmDataset& dataset, const DicomImage& image,
                                          const std::vector<int>& values,
                                          const std::string& where) {
  const Rescale rescale = read_rescale(dataset, where);
  const std::optional<Window> given = read_window(dataset);
  const Window window = given ? *given : whole_range(dataset, image, values, rescale);
  const bool inverted = is_inverted(dataset);
  std::vector<std::uint8_t> samples(values.size());
  std::ranges::transform(values, samples.begin(), [&](int value) {
    const double brightness = window.brightness(rescale(value));
    return static_cast<std::uint8_t>(std::lround((inverted ? 1 - brightness : brightness) * 255));
  });
  return samples;
}

}  // namespace

bool internal::leaves_rescale(DcmDataset& dataset) {
  return dataset.tagExistsWithValue(DCM_RescaleSlope) &&
         dataset.tagExistsWithValue(DCM_RescaleIntercept) &&
         !has_items(dataset, DCM_ModalityLUTSequence) && !has_items(dataset, DCM_VOILUTSequence);
}

Image internal::grey_frame(DcmDataset& dataset, DicomImage& image, int height, int width,
                           const std::string& where) {
  if (image.getVoiLutCount() > 0) return shown_by_lookup(image, height, width, where);
  const DiPixel* pixels = image.getInterData();
  const std::vector<int> values = pixels == nullptr ? std::vector<int>{} : values_of(*pixels);
  if (values.size() != static_cast<std::size_t>(height) * width) {
    throw Error(where + ": a DICOM file: its pixels cannot be decoded");
  }
  return from_grey(shown_by_window(dataset, image, values, where), height, width);
}

std::string internal::read_text(DcmDataset& dataset, const DcmTagKey& key) {
  OFString value;
  if (dataset.findAndGetOFString(key, value).bad()) return "";
  const std::string text(value.c_str());
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace fathom::image
