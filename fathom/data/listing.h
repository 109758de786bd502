// What lies in folders: images found, junk passed over, other files listed as skipped.
// Not what the names mean: that is each source's business.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fathom/data/dataset.h"

namespace fathom::data::internal {

/// What lies in a folder, junk (hidden files, Thumbs.db, texts and tables) left out, by name.
struct Listing {
  std::vector<std::filesystem::path> folders;
  std::vector<std::filesystem::path> files;
};
Listing list_folder(const std::filesystem::path& folder);

/// Images below a folder at any depth, as ids relative to a root, and what is there beside them.
struct ImageList {
  std::vector<std::string> ids;  ///< by name, folders first
  std::vector<SkippedImage> skipped;
};

/// Which files are images, and what to say of the others.
struct ImageKind {
  bool (*fits)(const std::filesystem::path& path);
  std::string otherwise;
};
/// Those named like an image (has_image_extension).
extern const ImageKind kNamedImages;

/// Links are followed; throws Error on one back to a folder above it, within `root`.
ImageList list_images(const std::filesystem::path& root, const std::filesystem::path& folder,
                      const ImageKind& kind = kNamedImages);

/// The names of up to `count` images below a folder, in no particular order; a look at a data set
/// that is quick however large it is. Empty when there is no such folder.
std::vector<std::string> glance(const std::filesystem::path& folder, std::size_t count);

/// A file of the folder as an id: its path relative to the root, with '/'.
std::string id_of(const std::filesystem::path& root, const std::filesystem::path& path);

/// An entry for `skipped`; its id is readable text whatever the name is.
SkippedImage skipped_file(const std::filesystem::path& root, const std::filesystem::path& file,
                          const std::string& reason);

/// Whether the name ends like an image that image::decode reads (.png, .JPG, .dcm, ...).
bool has_image_extension(const std::filesystem::path& path);

bool is_folder(const std::filesystem::path& path);
std::string lower(std::string text);
bool is_utf8(std::string_view text);
/// Bytes that are no UTF-8 text, made readable: "caf\xe9.png".
std::string escaped(std::string_view bytes);

}  // namespace fathom::data::internal
