// How long the statistics and reports of a large study take, from its files on disk to results.csv,
// results.json and report.html: bench_statistics [LEVELS SEEDS IMAGES]. The study is made up.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>

#include "fathom/base/random.h"
#include "fathom/report/report.h"
#include "fathom/results/predictions.h"

namespace {

using namespace fathom;
namespace fs = std::filesystem;

struct Size {
  std::size_t levels = 13, seeds = 5, test_images = 30000;
};

constexpr std::size_t kImagesOfGroup = 10;

/// The images are the same for every unit, which adds noise of its own; groups are of one class.
void add_images(stats::Predictions& part, std::vector<std::string>& names,
                std::vector<std::string>& groups, std::size_t images, double distance, Random own) {
  Random shared(1);
  part.classes = 2;
  for (std::size_t i = 0; i < images; ++i) {
    const std::size_t group = i / kImagesOfGroup;
    const int label = static_cast<int>(group % 2);
    const double score =
        shared.normal() + 0.3 * own.normal() + (label == 1 ? distance : -distance) / 2;
    const double p = 1 / (1 + std::exp(-score));
    part.labels.push_back(label);
    part.probabilities.insert(part.probabilities.end(), {1 - p, p});
    names.push_back(fmt::format("image-{}", i));
    groups.push_back(fmt::format("patient-{}", group));
  }
}

results::PredictionsFile predictions_of(const Size& size, std::size_t level, std::size_t seed) {
  results::PredictionsFile file{.classes = {"benign", "malignant"}};
  const double distance = 2 + 0.1 * std::sqrt(static_cast<double>(level));
  add_images(file.valid, file.valid_images, file.valid_groups, size.test_images / 3, distance,
             Random(derive_seed(seed, "valid", level)));
  add_images(file.test, file.test_images, file.test_groups, size.test_images, distance,
             Random(derive_seed(seed, "test", level)));
  return file;
}

results::StudyRecord record_of(const Size& size) {
  results::StudyRecord study{.name = "bench"};
  const std::size_t half = size.test_images / 2;
  study.data = {
      .positive = "malignant",
      .images = 6 * size.test_images,
      .groups = 6 * size.test_images / kImagesOfGroup,
      .classes = {{"benign", 4 * half, half / 3, half}, {"malignant", 4 * half, half / 3, half}}};
  study.architectures = {{.name = "made_up", .title = "Made up"}};
  for (std::size_t k = 0; k < size.levels; ++k) {
    study.architectures[0].levels.push_back({fmt::format("block{}", k), static_cast<int>(k)});
  }
  study.units = size.levels * size.seeds;
  return study;
}

void write_study(const fs::path& folder, const Size& size) {
  results::Journal journal(folder / "journal.jsonl");
  const results::StudyRecord study = record_of(size);
  journal.append(study);
  for (std::size_t k = 0; k < size.levels; ++k) {
    for (std::size_t seed = 0; seed < size.seeds; ++seed) {
      results::UnitRecord unit;
      unit.key.architecture = "made_up";
      unit.key.level = study.architectures[0].levels[k];
      unit.key.seed = seed;
      unit.finished = true;
      const results::PredictionsFile file = predictions_of(size, k, seed);
      unit.validation = stats::score(file.valid, 1);
      unit.test = stats::score(file.test, 1);
      unit.cost.total_seconds = static_cast<double>(10 + k);
      unit.predictions_sha256 =
          results::write_predictions(folder / "units" / unit.key.id() / "predictions.csv", file);
      journal.append(unit);
    }
  }
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** arguments) {
  Size size;
  if (count == 4) {
    size = {std::strtoul(arguments[1], nullptr, 10), std::strtoul(arguments[2], nullptr, 10),
            std::strtoul(arguments[3], nullptr, 10)};
  }
  const fs::path folder =
      fs::temp_directory_path() / fmt::format("bench-statistics-{}", seconds_since({}));
  fs::create_directories(folder);
  write_study(folder, size);
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  const report::Study study = report::load_study(folder);
  const double statistics = seconds_since(start);
  report::write_reports(study);
  const double all = seconds_since(start);
  const double cpu_all = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  fs::remove_all(folder);
  fmt::print(
      "{} levels x {} seeds x {} test images (groups of {}, also as cases) and {} validation "
      "images, 2000 draws, {} cores:\n"
      "reading and statistics {:.1f} s, with the reports written {:.1f} s; processor time of "
      "all threads {:.1f} s\n",
      size.levels, size.seeds, size.test_images, kImagesOfGroup, size.test_images / 3,
      std::thread::hardware_concurrency(), statistics, all, cpu_all);
  return 0;
}
