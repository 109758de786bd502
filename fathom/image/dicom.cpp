#include "fathom/image/dicom.h"

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcrledrg.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimage/diregist.h>  // colour, by being included
#include <dcmtk/dcmimgle/dcmimage.h>
#include <dcmtk/dcmjpeg/djdecode.h>
#include <dcmtk/dcmjpls/djdecode.h>
#include <dcmtk/oflog/oflog.h>
#include <fmt/format.h>

#include <mutex>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/image/header.h"

namespace fathom::image {
namespace {

void set_up_dcmtk() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    DcmRLEDecoderRegistration::registerCodecs();
    DJDecoderRegistration::registerCodecs();
    DJLSDecoderRegistration::registerCodecs();
  });
}

std::uint16_t read_number(DcmDataset& dataset, const DcmTagKey& key, std::uint16_t fallback) {
  Uint16 value = fallback;
  return dataset.findAndGetUint16(key, value).good() ? value : fallback;
}

/// Without the blanks around it; "" when it is not there.
std::string read_text(DcmDataset& dataset, const DcmTagKey& key) {
  OFString value;
  if (dataset.findAndGetOFString(key, value).bad()) return "";
  const std::string text(value.c_str());
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Sets the window that PS3.3, C.11.2.1.3 defines by LINEAR_EXACT: DCMTK knows the linear one
/// (C.11.2.1.2.1), which is the same with the centre 0.5 and the width 1 greater.
void set_exact_window(DcmDataset& dataset, DicomImage& image) {
  Float64 centre = 0, width = 0;
  dataset.findAndGetFloat64(DCM_WindowCenter, centre);
  dataset.findAndGetFloat64(DCM_WindowWidth, width);
  image.setWindow(centre + 0.5, width + 1);
}

/// Chooses how grey values become brightness.
void set_window(DcmDataset& dataset, DicomImage& image) {
  const std::string function = read_text(dataset, DCM_VOILUTFunction);
  if (image.getVoiLutCount() > 0) {
    image.setVoiLut(0);
  } else if (image.getWindowCount() == 0) {
    if (read_number(dataset, DCM_BitsStored, 0) > 8) image.setMinMaxWindow();
  } else if (function == "LINEAR_EXACT") {
    set_exact_window(dataset, image);
  } else {
    image.setWindow(0);
    image.setVoiLutFunction(function == "SIGMOID" ? EFV_Sigmoid : EFV_Linear);
  }
}

Image to_image(const std::vector<std::uint8_t>& samples, int height, int width) {
  Image image(height, width);
  const std::size_t channels = samples.size() == image.rgb.size() ? 3 : 1;
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    image.rgb[i] = samples[channels == 3 ? i : i / 3];
  }
  return image;
}

}  // namespace

class DicomFile::Parsed {
 public:
  Parsed(std::string_view bytes, const std::string& where) : where_(where) {
    internal::check_dicom_structure(bytes, where);
    set_up_dcmtk();
    read(bytes);
    check_pixels(bytes.size());
    instance_uid = read_text(dataset(), DCM_SOPInstanceUID);
    patient_id = read_text(dataset(), DCM_PatientID);
  }

  /// DCMTK changes what it has parsed while it decodes: one thread at a time.
  Image frame(std::size_t index) {
    FATHOM_CHECK(index < frames);
    const std::lock_guard lock(mutex_);
    DicomImage image(&dataset(), dataset().getOriginalXfer(),
                     CIF_UsePartialAccessToPixelData | CIF_NeverAccessEmbeddedOverlays, index, 1);
    if (image.getStatus() != EIS_Normal) {
      refuse(fmt::format("its pixels cannot be decoded ({})",
                         DicomImage::getString(image.getStatus())));
    }
    if (image.isMonochrome()) set_window(dataset(), image);
    const std::size_t pixels = std::size_t{rows_} * columns_;
    std::vector<std::uint8_t> samples(image.isMonochrome() ? pixels : 3 * pixels);
    if (image.getOutputData(samples.data(), samples.size(), 8) == 0) {
      refuse("its pixels cannot be decoded");
    }
    return to_image(samples, rows_, columns_);
  }

  std::string instance_uid;
  std::string patient_id;
  std::size_t frames = 1;

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(where_ + ": a DICOM file: " + what);
  }

  DcmDataset& dataset() { return *file_.getDataset(); }

  void read(std::string_view bytes) {
    DcmInputBufferStream stream;
    stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
    stream.setEos();
    file_.transferInit();
    const OFCondition result = file_.read(stream, EXS_Unknown, EGL_noChange);
    file_.transferEnd();
    if (result.bad()) refuse(fmt::format("damaged: {}", result.text()));
  }

  /// Before any decoder runs: what the attributes claim about the pixels, against the file's size.
  void check_pixels(std::size_t file_bytes) {
    if (dataset().tagExists(DCM_FloatPixelData) || dataset().tagExists(DCM_DoubleFloatPixelData)) {
      refuse("floating-point pixels have no agreed range of brightness; convert it to 16 bits");
    }
    DcmElement* pixels = nullptr;
    if (dataset().findAndGetElement(DCM_PixelData, pixels).bad()) refuse("it holds no pixels");
    rows_ = read_number(dataset(), DCM_Rows, 0);
    columns_ = read_number(dataset(), DCM_Columns, 0);
    check_size({.height = rows_, .width = columns_}, where_);
    const std::uint16_t bits = read_number(dataset(), DCM_BitsAllocated, 0);
    if (bits != 8 && bits != 16) {
      refuse(fmt::format("{} bits allocated; 8 or 16 are read", bits));
    }
    const std::uint16_t samples = read_number(dataset(), DCM_SamplesPerPixel, 1);
    if (samples != 1 && samples != 3) {
      refuse(fmt::format("{} samples a pixel; 1 or 3 are read", samples));
    }
    check_frames(file_bytes, *pixels, std::size_t{bits / 8U} * samples);
  }

  void check_frames(std::size_t file_bytes, DcmElement& pixels, std::size_t pixel_bytes) {
    Sint32 claimed = 1;
    if (dataset().findAndGetSint32(DCM_NumberOfFrames, claimed).bad()) claimed = 1;
    const bool compressed = DcmXfer(dataset().getOriginalXfer()).isEncapsulated();
    constexpr std::size_t kLeastFragment = 8;
    const std::size_t frame_bytes =
        compressed ? kLeastFragment : std::size_t{rows_} * columns_ * pixel_bytes;
    const std::size_t written =
        pixels.getLengthField() == DCM_UndefinedLength ? 0 : pixels.getLengthField();
    const std::size_t available = compressed ? file_bytes : written;
    if (claimed < 1 || static_cast<std::size_t>(claimed) > available / frame_bytes) {
      refuse(fmt::format("{} frames of {} x {} pixels are more than its {} bytes can hold", claimed,
                         rows_, columns_, available));
    }
    frames = static_cast<std::size_t>(claimed);
  }

  std::string where_;
  DcmFileFormat file_;
  std::mutex mutex_;
  std::uint16_t rows_ = 0;
  std::uint16_t columns_ = 0;
};

DicomFile::DicomFile(std::string_view bytes, const std::string& where)
    : parsed_(std::make_unique<Parsed>(bytes, where)) {}
DicomFile::DicomFile(const std::filesystem::path& path)
    : DicomFile(read_file(path, kMaxFileBytes), path.string()) {}
DicomFile::~DicomFile() = default;

const std::string& DicomFile::instance_uid() const { return parsed_->instance_uid; }
const std::string& DicomFile::patient_id() const { return parsed_->patient_id; }
std::size_t DicomFile::frames() const { return parsed_->frames; }
Image DicomFile::frame(std::size_t index) const { return parsed_->frame(index); }

}  // namespace fathom::image
