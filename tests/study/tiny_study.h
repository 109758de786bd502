// A small study with all its files, for tests of planning, running and scoring.
#pragma once

#include <fmt/format.h>

#include <sstream>

#include "fathom/base/atomic_file.h"
#include "fathom/base/hash.h"
#include "fathom/report/report.h"
#include "fathom/study/runner.h"
#include "tests/train/tiny.h"

namespace fathom::tests {

/// A study of SqueezeNet 1.1 at three depths, on 32-pixel images, in a folder of its own.
struct TinyStudy {
  TemporaryFolder folder;
  study::StudyOptions options;

  TinyStudy() {
    options.data = tiny_data(folder / "images");
    const auto weights = random_weights("squeezenet1_1");
    weights::WeightFile file;
    file.tensors = weights.tensors;
    weights::WeightStore(folder / "cache/weights").import(file, weights.card);
    options.cache = folder / "cache";
    options.out = folder / "study";
    options.arch = {"squeezenet1_1"};
    options.depths = {"head", "fire9"};
    options.seeds = 2;
    options.probe_images = 0;
    options.train.epochs = 1;
    options.train.learning_rates = {1e-4};
    options.train.precision = "fp32";
  }

  study::Plan plan() const {
    return study::open_plan(options, "fathom study test", Json::object());
  }
  Json results() const {
    Json json = report::results_json(report::load_study(options.out));
    return without_times(json);
  }

  /// Drops what legitimately differs between two runs: clocks and memory.
  static Json without_times(Json json) {
    if (json.is_object()) {
      for (const char* key : {"cost", "finished_at", "created_at", "seconds", "train_seconds",
                              "peak_memory_bytes", "on_pareto_front", "recommendations", "prefixes",
                              "folder", "command", "settings", "data"}) {
        json.erase(key);
      }
    }
    if (json.is_structured()) {
      for (Json& item : json) item = without_times(item);
    }
    return json;
  }
};

/// Erases fields (JSON pointers) from every record of a journal that has them; returns how many.
inline std::size_t erase_from_journal(const std::filesystem::path& path,
                                      const std::vector<std::string>& fields) {
  std::istringstream lines(read_file(path));
  std::string text;
  std::size_t erased = 0;
  for (std::string line; std::getline(lines, line);) {
    Json record = Json::parse(line).at("record");
    for (const std::string& name : fields) {
      const Json::json_pointer field(name);
      if (!record.contains(field)) continue;
      erased += record.at(field.parent_pointer()).erase(field.back());
    }
    const std::string bytes = record.dump();
    text += fmt::format("{{\"checksum\":\"{}\",\"record\":{}}}\n", hex(xxh3(bytes)), bytes);
  }
  write_file_atomically(path, text);
  return erased;
}

}  // namespace fathom::tests
