#include "fathom/data/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fathom/base/error.h"
#include "fathom/base/json.h"

namespace fathom::data::internal {
namespace {
namespace fs = std::filesystem;

/// What lies about everywhere and is nobody's data: hidden things, and texts and tables. A folder
/// or an image is no text, whatever its name begins with.
bool is_junk(const fs::directory_entry& entry) {
  static constexpr std::array kNames = {"thumbs.db", "desktop.ini", "__macosx", "lost+found"};
  static constexpr std::array kEndings = {".txt", ".csv", ".md", ".json", ".html", ".pdf"};
  const std::string small = lower(entry.path().filename().string());
  if (small.starts_with('.') || std::ranges::find(kNames, small) != kNames.end()) return true;
  std::error_code ignored;
  if (has_image_extension(small) || entry.is_directory(ignored)) return false;
  return small.starts_with("readme") || small.starts_with("license") ||
         std::find(kEndings.begin(), kEndings.end(), fs::path(small).extension().string()) !=
             kEndings.end();
}

/// Collects the images of a folder and the folders below it.
class ImageWalk {
 public:
  ImageWalk(fs::path root, const ImageKind& kind) : root_(std::move(root)), kind_(kind) {}

  /// `above`: the folders on the way here, as they are without links.
  void read(const fs::path& folder, std::vector<fs::path> above) {
    const fs::path real = fs::canonical(folder);
    if (std::find(above.begin(), above.end(), real) != above.end()) {
      throw Error(fmt::format("{}: a link back to a folder above it ({}): remove the link",
                              folder.string(), real.string()));
    }
    above.push_back(real);
    const Listing listing = list_folder(folder);
    for (const fs::path& sub : listing.folders) read(sub, above);
    for (const fs::path& file : listing.files) add(file);
  }

  ImageList finish() { return std::move(found_); }

 private:
  void add(const fs::path& file) {
    std::error_code ignored;
    if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) {
      found_.skipped.push_back(skipped_file(root_, file, "a pipe, socket or device, not a file"));
    } else if (!is_utf8(file.string())) {
      found_.skipped.push_back(skipped_file(root_, file, "its name is not UTF-8"));
    } else if (!kind_.fits(file)) {
      found_.skipped.push_back(skipped_file(root_, file, kind_.otherwise));
    } else {
      found_.ids.push_back(id_of(root_, file));
    }
  }

  fs::path root_;
  const ImageKind& kind_;
  ImageList found_;
};

}  // namespace

Listing list_folder(const fs::path& folder) {
  Listing listing;
  std::error_code failure;
  for (fs::directory_iterator it(folder, failure), end; !failure && it != end;
       it.increment(failure)) {
    if (is_junk(*it)) continue;
    std::error_code ignored;  // a link to nowhere is listed as a file, and refused as an image
    (it->is_directory(ignored) ? listing.folders : listing.files).push_back(it->path());
  }
  if (failure) throw Error(fmt::format("{}: cannot list: {}", folder.string(), failure.message()));
  std::sort(listing.folders.begin(), listing.folders.end());
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

const ImageKind kNamedImages = {has_image_extension,
                                fmt::format("not named like a {} image", image::kFormatNames)};

ImageList list_images(const fs::path& root, const fs::path& folder, const ImageKind& kind) {
  ImageWalk walk(root, kind);
  std::vector<fs::path> above;
  if (folder != root) above.push_back(fs::canonical(folder.parent_path()));
  walk.read(folder, above);
  return walk.finish();
}

std::vector<std::string> glance(const fs::path& folder, std::size_t count) {
  constexpr int kMaxEntries = 20'000;  // a tree without images is not walked to its end
  std::vector<std::string> names;
  std::error_code failure;
  fs::recursive_directory_iterator it(folder, fs::directory_options::follow_directory_symlink,
                                      failure);
  for (int entries = 0; !failure && it != fs::end(it) && entries < kMaxEntries; ++entries) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    if (is_junk(*it)) {
      it.disable_recursion_pending();
    } else if (has_image_extension(name) && !it->is_directory(ignored)) {
      names.push_back(name);
    }
    if (names.size() == count) break;
    it.increment(failure);
  }
  return names;
}

std::string id_of(const fs::path& root, const fs::path& path) {
  return path.lexically_relative(root).generic_string();
}

SkippedImage skipped_file(const fs::path& root, const fs::path& file, const std::string& reason) {
  const std::string id = id_of(root, file);
  return {is_utf8(id) ? id : escaped(id), reason};
}

bool has_image_extension(const fs::path& path) {
  static constexpr std::array kExtensions = {".png", ".jpg",  ".jpeg", ".jpe",
                                             ".tif", ".tiff", ".bmp",  ".dcm"};
  const std::string extension = lower(path.extension().string());
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ::tolower);
  return text;
}

bool is_utf8(std::string_view text) {
  // JSON is where a name that is no UTF-8 would end a study, so JSON's own check decides.
  try {
    return !Json(std::string(text)).dump().empty();
  } catch (const Json::exception&) {
    return false;
  }
}

std::string escaped(std::string_view bytes) {
  std::string result;
  for (const char byte : bytes) {
    const auto code = static_cast<std::uint8_t>(byte);
    result += code >= 0x20 && code < 0x7f ? std::string(1, byte) : fmt::format("\\x{:02x}", code);
  }
  return result;
}

}  // namespace fathom::data::internal
