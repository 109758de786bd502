// MedMNIST: one .npz with train_images, train_labels, val_..., test_....
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "fathom/base/error.h"
#include "fathom/base/memory.h"
#include "fathom/containers/npz.h"
#include "fathom/data/image_array.h"
#include "fathom/data/listing.h"
#include "fathom/data/recent_files.h"
#include "fathom/data/source.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

using containers::NpyArray;
using containers::NpyHeader;
using containers::NpzFile;

constexpr std::array kParts = {"train", "val", "test"};

/// The pixels of one part.
struct Part {
  ImageShape shape;
  std::vector<std::uint8_t> pixels;
};

ImageShape shape_of(const NpyHeader& header, const fs::path& path, const std::string& name) {
  const std::string where = fmt::format("{}: array '{}_images'", path.string(), name);
  if (header.type != "|u1") {
    throw Error(fmt::format("{}: pixels of type '{}'; 8 bits unsigned ('|u1') are needed", where,
                            header.type));
  }
  return image_shape(header.shape, where);
}

/// All pixels of a file in memory: a deflated array cannot be read from its middle.
class MedmnistPixels {
 public:
  explicit MedmnistPixels(const fs::path& path) {
    const NpzFile file(path);
    ArrayMemory memory;
    for (const std::string name : kParts) {
      if (!file.has(name + "_images")) continue;
      const NpyHeader header = file.header(name + "_images");
      memory.add(parts_[name].shape = shape_of(header, path, name), header.is_fortran);
    }
    check_memory(memory.bytes(), available_memory(), path.string());
    for (auto& [name, part] : parts_) part.pixels = file.read(name + "_images").values;
  }

  const std::map<std::string, Part>& parts() const { return parts_; }

 private:
  std::map<std::string, Part> parts_;
};

std::shared_ptr<const MedmnistPixels> pixels_of(const fs::path& path) {
  static RecentFiles<MedmnistPixels> recent(1);
  return recent.get(path);
}

/// One label for each image. Shape N or N x 1, looked at before anything is read.
NpyArray read_labels(const NpzFile& file, const std::string& part, std::size_t images,
                     const fs::path& path) {
  const std::string name = part + "_labels";
  const NpyHeader header = file.header(name);
  const auto& shape = header.shape;
  const std::string where = fmt::format("{}: array '{}'", path.string(), name);
  if (shape.size() == 2 && shape[1] > 1) {
    throw Error(
        fmt::format("{}: {} labels an image; one class an image is needed", where, shape[1]));
  }
  if (!header.is_whole()) {
    throw Error(
        fmt::format("{}: labels of type '{}'; whole numbers are needed", where, header.type));
  }
  if (shape.empty() || shape.size() > 2 || shape[0] != images) {
    throw Error(
        fmt::format("{}: an array of {} for {} images", where, fmt::join(shape, " x "), images));
  }
  return file.read(name);
}

}  // namespace

std::string recognize_medmnist(const fs::path& path) {
  std::error_code ignored;
  const bool fits =
      lower(path.extension().string()) == ".npz" && fs::is_regular_file(path, ignored);
  return fits ? "it is a .npz file" : "";
}

Contents open_medmnist(const fs::path& path) {
  const NpzFile file(path);
  const auto pixels = pixels_of(path);
  if (!pixels->parts().contains("train")) {
    throw Error(path.string() +
                ": no array 'train_images'; a .npz file laid out as MedMNIST's (train_images, "
                "train_labels, val_..., test_...) is needed");
  }
  Contents contents;
  for (const auto& [name, part] : pixels->parts()) {
    const NpyArray labels = read_labels(file, name, part.shape.count, path);
    for (std::size_t i = 0; i < part.shape.count; ++i) {
      Sample sample{.id = container_id(path.filename().string() + "#" + name, i),
                    .split = split_from_name(name)};
      contents.entries.push_back({std::move(sample), std::to_string(labels.number(i))});
    }
  }
  return contents;
}

image::Image load_medmnist(const fs::path& root, const std::string& id) {
  const auto [file, index] = parse_container_id(id);
  const std::size_t mark = file.rfind('#');
  const auto pixels = pixels_of(root / file.substr(0, mark));
  const auto part = pixels->parts().find(file.substr(mark + 1));
  if (part == pixels->parts().end() || index >= part->second.shape.count) {
    throw Error(fmt::format("{}: no such image", (root / id).string()));
  }
  const ImageShape& shape = part->second.shape;
  const std::span<const std::uint8_t> all(part->second.pixels);
  return to_image(all.subspan(index * shape.bytes_each(), shape.bytes_each()), shape);
}

}  // namespace fathom::data::internal
