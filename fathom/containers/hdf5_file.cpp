#include "fathom/containers/hdf5_file.h"

#include <fmt/format.h>

#include <utility>

#include "fathom/base/error.h"

namespace fathom::containers {

Hdf5File::Hdf5File(const std::filesystem::path& path)
    : Hdf5File(std::make_shared<FileBytes>(path)) {}

Hdf5File::Hdf5File(std::shared_ptr<const FileBytes> file)
    : file_(std::move(file)), metadata_(*file_) {
  add_object("", find_hdf5_root(metadata_), 0);
}

void Hdf5File::add_object(const std::string& path, std::uint64_t header, int depth) {
  if (depth > kMaxDepth) metadata_.fail(fmt::format("groups in more than {} others", kMaxDepth));
  metadata_.spend(path.size());
  auto [object, is_new] = objects_.emplace(path, read_hdf5_header(metadata_, header));
  if (!is_new) metadata_.fail_damaged("two objects of one name");
  const std::string prefix = path.empty() ? "" : path + "/";
  for (const Hdf5Member& member : read_hdf5_members(metadata_, object->second)) {
    if (!member.is_elsewhere) add_object(prefix + member.name, member.header, depth + 1);
  }
}

std::vector<std::string> Hdf5File::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, messages] : objects_) paths.push_back(path);
  return paths;
}

std::optional<std::vector<std::string>> Hdf5File::texts(const std::string& path,
                                                        const std::string& name) {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return std::nullopt;
  metadata_.name_part("group", path);
  return attributes_.texts(object->second, name);
}

std::unique_ptr<const Hdf5Array> Hdf5File::array(const std::string& path) {
  metadata_.name_part("data set", path);
  const auto object = objects_.find(path);
  if (object == objects_.end()) metadata_.fail("missing");
  return std::make_unique<Hdf5Array>(file_, path, read_hdf5_layout(metadata_, object->second));
}

}  // namespace fathom::containers
