// The settings of a study: one TOML file, every key also a flag. LibTorch-free.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "fathom/base/options.h"
#include "fathom/data/dataset.h"
#include "fathom/results/compare.h"
#include "fathom/train/options.h"

namespace fathom::study {

/// A table of the TOML file.
struct Section {
  std::string name;
  std::vector<Field> fields;
};

struct StudyOptions {
  std::string name;
  std::string out = "study";
  std::vector<std::string> arch;
  std::string blocks = "stages";
  std::vector<std::string> weights;
  std::vector<std::string> depths = {"all"};
  std::int64_t seeds = 3;
  std::int64_t corrupted_images = 0;
  std::int64_t probe_images = 5000;
  std::int64_t cka_images = 256;
  double checkpoint_seconds = 60;
  results::Rule rule;
  std::string cache;
  double cache_gib = 32;
  data::DataOptions data;
  train::TrainOptions train;

  /// [study], [data], [train]. No key stands in two of them, so each is a flag by itself.
  std::vector<Section> sections();
};

/// All settings, by section.
Json to_json(StudyOptions options);
/// Throws Error "WHERE: ..." on an unknown section or key (with the nearest), type or range.
void set_options(StudyOptions& options, const Json& sections, const std::string& where);

/// Reads a TOML file over the defaults. Throws Error with file and line. Paths in the file are
/// relative to its folder.
StudyOptions read_options(const std::filesystem::path& path);

/// Makes the paths that a run needs beside those of the images, of the cache and of weight files,
/// relative to `folder`.
void resolve_places(StudyOptions& options, const std::filesystem::path& folder);

/// Where imported weights and the prefix cache lie: options.cache, or the user's cache folder.
std::filesystem::path cache_folder(const StudyOptions& options);

/// Throws Error when settings that have no default are missing (data, arch) and when an axis of the
/// study names a value twice.
void check_complete(const StudyOptions& options);

}  // namespace fathom::study
