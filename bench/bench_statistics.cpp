// How long the statistics and reports of a large study take, from its files on disk to results.csv,
// results.json and report.html: bench_statistics [LEVELS SEEDS IMAGES CORRUPTED]. The study is made
// up.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <thread>

#include "fathom/base/random.h"
#include "fathom/image/corruption.h"
#include "fathom/report/report.h"
#include "fathom/results/corrupted_predictions.h"
#include "fathom/results/predictions.h"

namespace {

using namespace fathom;
namespace fs = std::filesystem;

struct Size {
  std::size_t levels = 13, seeds = 5, test_images = 30000;
  std::size_t corrupted = 1000;  ///< of the test images; 0: none
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

std::vector<float> logarithms_of(const stats::Predictions& part) {
  std::vector<float> logarithms;
  for (const double p : part.probabilities) logarithms.push_back(static_cast<float>(std::log(p)));
  return logarithms;
}

/// The first test images under every corruption; what they lose is the same for every kind.
results::CorruptedPredictions corrupted_of(const Size& size, std::size_t level, std::size_t seed,
                                           results::UnitRecord& unit) {
  results::CorruptedPredictions file{.classes = 2};
  for (std::size_t i = 0; i < size.corrupted; ++i) {
    file.test_rows.push_back(static_cast<std::int64_t>(i));
  }
  const auto score = [&](double distance, std::uint64_t view, std::vector<float>& logarithms) {
    stats::Predictions part;
    std::vector<std::string> names, groups;
    add_images(part, names, groups, size.corrupted, distance,
               Random(derive_seed(seed * 1000 + view, "corrupted", level)));
    logarithms = logarithms_of(part);
    return stats::score(results::of_logarithms(logarithms, 2, part.labels), 1).auc;
  };
  unit.uncorrupted_auc = score(2, 0, file.uncorrupted);
  std::uint64_t view = 0;
  for (const image::Corruption& kind : image::corruptions()) {
    for (int severity = 1; severity <= image::kSeverities; ++severity) {
      const double auc = score(2 - 0.2 * severity, ++view, file.corrupted[{kind.name, severity}]);
      unit.corruptions.push_back({kind.name, severity, auc});
    }
  }
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
      if (size.corrupted > 0) {
        const results::CorruptedPredictions kept = corrupted_of(size, k, seed, unit);
        unit.corrupted_sha256 = results::write_corrupted(
            folder / "units" / unit.key.id() / results::kCorruptedFile, kept);
      }
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
  if (count == 5) {
    const auto number = [&](int at) { return std::strtoul(arguments[at], nullptr, 10); };
    size = {number(1), number(2), number(3), number(4)};
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
      "{} levels x {} seeds x {} test images (groups of {}, also as cases), {} of them also under "
      "{} corruptions at {} severities, and {} validation images, 2000 draws, {} cores:\n"
      "reading and statistics {:.1f} s, with the reports written {:.1f} s; processor time of "
      "all threads {:.1f} s\n",
      size.levels, size.seeds, size.test_images, kImagesOfGroup, size.corrupted,
      image::corruptions().size(), image::kSeverities, size.test_images / 3,
      std::thread::hardware_concurrency(), statistics, all, cpu_all);
  return 0;
}
