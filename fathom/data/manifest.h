// A table of images: path,label[,group][,split]. Not for what a path names: that is each source's
// business.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "fathom/data/source.h"

namespace fathom::data::internal {

/// The images that the path of a row names. `at` is the row's place for errors ("labels.csv:3").
using FindImages =
    std::function<std::vector<Sample>(const std::string& path, const std::string& at)>;

/// Throws Error naming the line: missing or nearly known columns, text that is not UTF-8, empty
/// paths and labels, unknown parts, parts or groups in some rows only, an image listed twice, and
/// what `find` throws.
Contents read_manifest(const std::filesystem::path& file, const FindImages& find);

}  // namespace fathom::data::internal
