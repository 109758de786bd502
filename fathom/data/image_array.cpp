#include "fathom/data/image_array.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "fathom/base/error.h"

namespace fathom::data::internal {

ImageShape image_shape(const std::vector<std::uint64_t>& shape, const std::string& where) {
  const std::string found = fmt::format("{}: an array of {}", where, fmt::join(shape, " x "));
  const std::uint64_t channels = shape.size() == 4 ? shape[3] : 1;
  if ((shape.size() != 3 && shape.size() != 4) || (channels != 1 && channels != 3)) {
    throw Error(found + "; images x height x width, or the same x 1 or 3 channels, is needed");
  }
  constexpr std::uint64_t kMaxCount = 10'000'000;  // each is listed in memory
  constexpr auto kMaxPixels = static_cast<std::uint64_t>(image::kMaxPixels);
  const bool sane = std::ranges::all_of(shape, [](std::uint64_t n) { return n > 0; }) &&
                    shape[0] <= kMaxCount && shape[1] <= kMaxPixels &&
                    shape[2] <= kMaxPixels / shape[1];
  if (!sane) {
    throw Error(fmt::format("{}: 1 to {} images of at most {} pixels are allowed", found, kMaxCount,
                            kMaxPixels));
  }
  return {shape[0], static_cast<int>(shape[1]), static_cast<int>(shape[2]),
          static_cast<int>(channels)};
}

void ArrayMemory::add(const ImageShape& shape, bool is_reordered) {
  constexpr std::uint64_t kLabelBytes = 8;  // of the largest numbers
  const std::uint64_t pixels = shape.count * shape.bytes_each();
  kept_ += pixels + shape.count * kLabelBytes;
  if (is_reordered) largest_copy_ = std::max(largest_copy_, pixels);
}

void check_memory(std::uint64_t bytes, std::optional<std::int64_t> available,
                  const std::string& where) {
  if (!available || bytes <= static_cast<std::uint64_t>(*available)) return;
  constexpr double kGiB = 1 << 30;
  throw Error(fmt::format(
      "{}: its images and labels need {:.1f} GiB of memory at once, and {:.1f} GiB are free to "
      "this "
      "process. Take the set in fewer pixels (MedMNIST's come in 28, 64, 128 and 224), end other "
      "programs, ask for more (a Slurm job's --mem), or use a machine with more memory",
      where, static_cast<double>(bytes) / kGiB, static_cast<double>(*available) / kGiB));
}

image::Image to_image(std::span<const std::uint8_t> bytes, const ImageShape& shape) {
  FATHOM_CHECK(bytes.size() == shape.bytes_each());
  image::Image image(shape.height, shape.width);
  if (shape.channels == 3) {
    std::ranges::copy(bytes, image.rgb.begin());
    return image;
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::fill_n(image.rgb.begin() + static_cast<std::ptrdiff_t>(3 * i), 3, bytes[i]);
  }
  return image;
}

std::string container_id(const std::string& file, std::size_t index) {
  return fmt::format("{}#{:06}", file, index);
}

std::pair<std::string, std::size_t> parse_container_id(const std::string& id) {
  const std::size_t mark = id.rfind('#');
  std::size_t index = 0;
  const char* end = id.data() + id.size();
  bool good = mark != std::string::npos && mark + 1 < id.size();
  if (good) {
    const auto [stopped, error] = std::from_chars(id.data() + mark + 1, end, index);
    good = error == std::errc() && stopped == end;
  }
  if (!good) throw Error(fmt::format("'{}' is no image in a container, such as x.h5#000123", id));
  return {id.substr(0, mark), index};
}

}  // namespace fathom::data::internal
