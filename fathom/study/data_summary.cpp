#include "fathom/study/data_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "fathom/base/base64.h"
#include "fathom/base/error.h"
#include "fathom/base/hash.h"
#include "fathom/base/random.h"
#include "fathom/data/counts.h"
#include "fathom/data/leaks.h"
#include "fathom/data/synthetic.h"
#include "fathom/study/input_size.h"

namespace fathom::study {
namespace {

constexpr std::size_t kSamplesPerClass = 6;
constexpr int kSamplePixels = 128;

std::string thumbnail(const data::Dataset& dataset, const data::Sample& sample) {
  image::Image picture = data::load_image(dataset, sample);
  const int longest = std::max(picture.height, picture.width);
  if (longest > kSamplePixels) {
    picture = image::resize(picture, std::max(1, picture.height * kSamplePixels / longest),
                            std::max(1, picture.width * kSamplePixels / longest));
  }
  return base64(image::encode_png(picture));
}

/// A few training images of one class, drawn with a fixed seed.
std::vector<std::size_t> draw_samples(const data::Dataset& dataset,
                                      const data::Assignment& assignment, int label) {
  std::vector<std::size_t> of_class;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    if (dataset.samples[i].label == label && assignment[i] == data::Split::train) {
      of_class.push_back(i);
    }
  }
  Random random(derive_seed(0, "samples", static_cast<std::uint64_t>(label)));
  random.shuffle(std::span(of_class));
  of_class.resize(std::min(of_class.size(), kSamplesPerClass));
  return of_class;
}

/// Groups of which images are in two parts of one of the folds.
std::size_t count_cut_groups(const data::Dataset& dataset,
                             const std::vector<data::Assignment>& folds) {
  std::set<std::string> cut;
  for (const data::Assignment& fold : folds) {
    for (std::string& group : data::cut_groups(dataset, fold)) cut.insert(std::move(group));
  }
  return cut.size();
}

}  // namespace

std::string fingerprint(const data::Dataset& dataset) {
  Sha256 hash;
  for (const data::Sample& s : dataset.samples) {
    // Lengths first, so that no two lists of samples give the same text.
    hash.update(fmt::format("{}:{} {} {} {}:{}\n", s.id.size(), s.id, s.hash, s.label,
                            s.group.size(), s.group));
  }
  return hash.hex();
}

void add_external(const data::ExternalSet& set, const std::string& path,
                  results::DataSummary& summary) {
  results::ExternalSummary& added = summary.external.emplace_back();
  added = {set.name, path, set.dataset.source, fingerprint(set.dataset),
           set.dataset.samples.size()};
  for (const data::CountedClass& one : data::count_classes(set.dataset, {})) {
    added.classes.emplace_back(one.name, one.images);
  }
  summary.warnings.insert(summary.warnings.end(), set.warnings.begin(), set.warnings.end());
  for (const data::SkippedImage& image : set.dataset.skipped) {
    summary.skipped.push_back(
        fmt::format("{} (external set '{}'): {}", image.id, set.name, image.reason));
  }
}

std::size_t positive_class(const data::Dataset& dataset, const data::DataOptions& options) {
  if (options.positive.empty()) return dataset.classes.size() - 1;
  const auto found = std::ranges::find(dataset.classes, options.positive);
  if (found == dataset.classes.end()) {
    throw unknown_name("class in positive", options.positive, dataset.classes);
  }
  return static_cast<std::size_t>(found - dataset.classes.begin());
}

results::DataSummary summarize_data(
    const data::Dataset& dataset,
    const std::map<double, std::vector<data::Assignment>>& by_fraction,
    const data::DataOptions& options) {
  const std::vector<data::Assignment>& folds = by_fraction.rbegin()->second;
  const data::Assignment& assignment = folds.front();
  results::DataSummary summary;
  summary.path = options.data;
  summary.source = dataset.source;
  summary.fingerprint = fingerprint(dataset);
  summary.sizes = measure_sizes(dataset);
  summary.positive = dataset.classes[positive_class(dataset, options)];
  summary.images = dataset.samples.size();
  summary.groups = data::count_groups(dataset);
  if (dataset.has_groups) summary.cut_groups = count_cut_groups(dataset, folds);
  summary.equal_images = data::summarize_duplicates(dataset, {}).images;
  summary.look_alike_images = data::summarize_look_alikes(dataset, {}).images;
  for (const data::CountedClass& one : data::count_classes(dataset, assignment)) {
    summary.classes.push_back({one.name, one.train, one.valid, one.test});
  }
  for (const auto& [fraction, parts] : by_fraction) {
    summary.shares.push_back({fraction, data::count_training(dataset, parts.front())});
  }
  summary.warnings = data::split_warnings(dataset, folds);
  if (data::is_synthetic(options.data)) {
    summary.warnings.insert(summary.warnings.begin(),
                            "The images are synthetic: a program drew them, and what is found on "
                            "them says nothing about real tissue.");
  }
  for (const data::SkippedImage& image : dataset.skipped) {
    summary.skipped.push_back(image.id + ": " + image.reason);
  }
  for (std::size_t label = 0; label < dataset.classes.size(); ++label) {
    for (const std::size_t i : draw_samples(dataset, assignment, static_cast<int>(label))) {
      summary.samples.emplace_back(dataset.classes[label], thumbnail(dataset, dataset.samples[i]));
    }
  }
  return summary;
}

}  // namespace fathom::study
