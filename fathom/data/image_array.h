// Images that lie many in one file: their shape, the memory they need, their pixels, ids such as
// "train_x.h5#000123".
// Not for reading files: that is npz and hdf5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "fathom/image/image.h"

namespace fathom::data::internal {

/// What an array of images is made of: count x height x width x channels bytes.
struct ImageShape {
  std::size_t count = 0;
  int height = 0;
  int width = 0;
  int channels = 0;  ///< 1 (grey) or 3 (RGB)

  std::size_t bytes_each() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
           static_cast<std::size_t>(channels);
  }
};

/// Reads N x H x W or N x H x W x C. Throws Error naming `where`: volumes, other channels, sizes of
/// nothing or beyond image::kMaxPixels.
ImageShape image_shape(const std::vector<std::uint64_t>& shape, const std::string& where);

/// The most memory in bytes that arrays take which are read one after the other and kept, with a
/// label for each image. One in another order than ours is put into it by a copy, beside itself.
class ArrayMemory {
 public:
  void add(const ImageShape& shape, bool is_reordered);
  std::uint64_t bytes() const { return kept_ + largest_copy_; }

 private:
  std::uint64_t kept_ = 0, largest_copy_ = 0;
};

/// Throws Error naming `where`, with what to do, when images and labels that must all be in memory,
/// `bytes` in all, plainly do not fit into the `available` bytes; none: that is not known.
void check_memory(std::uint64_t bytes, std::optional<std::int64_t> available,
                  const std::string& where);

/// One image from its bytes; grey becomes RGB.
image::Image to_image(std::span<const std::uint8_t> bytes, const ImageShape& shape);

/// "file#000123": ids in the order of the images in the file, so that reading goes through it once.
std::string container_id(const std::string& file, std::size_t index);

/// The file and the index of such an id. Throws Error when it is none.
std::pair<std::string, std::size_t> parse_container_id(const std::string& id);

}  // namespace fathom::data::internal
