#include "fathom/train/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "fathom/base/clock.h"
#include "fathom/base/error.h"
#include "fathom/stats/delong.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/evaluate.h"
#include "fathom/train/linear_probe.h"
#include "fathom/train/logme.h"
#include "fathom/zoo/architecture.h"

namespace fathom::train {
namespace {

std::string name_below(const zoo::Architecture& architecture, std::size_t boundary) {
  return boundary == 0 ? "image" : architecture.blocks[boundary - 1];
}

/// The pooled features of some images at every boundary.
class FrozenFeatures {
 public:
  /// One pass of the frozen network. Throws Error when a feature is not finite.
  FrozenFeatures(const UnitTask& task, std::span<const ProbeImages> folds,
                 const std::function<void()>& keep_going) {
    std::set<std::int64_t> of_any_fold;
    for (const ProbeImages& fold : folds) {
      for (const auto* part : {&fold.train, &fold.valid, &fold.test}) {
        of_any_fold.insert(part->begin(), part->end());
      }
    }
    images_.assign(of_any_fold.begin(), of_any_fold.end());
    compute(*task.inputs, keep_going);
    for (std::size_t b = 0; b < features_.size(); ++b) check_finite(*task.architecture, b);
  }

  /// n x C, float32.
  torch::Tensor at(std::size_t boundary, std::span<const std::int64_t> images) const {
    std::vector<std::int64_t> rows;
    for (const std::int64_t image : images) {
      rows.push_back(std::ranges::lower_bound(images_, image) - images_.begin());
    }
    return features_[boundary].index_select(0, torch::tensor(rows, torch::kInt64));
  }

 private:
  void compute(Boundaries& inputs, const std::function<void()>& keep_going) {
    const FrozenPrefix& network = inputs.prefix();
    std::vector<std::vector<torch::Tensor>> batches(network.blocks() + 1);
    for (std::size_t start = 0; start < images_.size(); start += kScoreBatch) {
      keep_going();
      const std::size_t count = std::min(kScoreBatch, images_.size() - start);
      torch::Tensor x = inputs.at(0, std::span(images_).subspan(start, count), {});
      for (std::size_t b = 0; b <= network.blocks(); ++b) {
        if (b > 0) x = network.forward(x, b - 1, b);
        batches[b].push_back(pooled_features(x).to(torch::kCPU));
      }
    }
    for (std::vector<torch::Tensor>& of_boundary : batches) {
      features_.push_back(torch::cat(of_boundary));
      of_boundary.clear();
    }
  }

  void check_finite(const zoo::Architecture& architecture, std::size_t boundary) const {
    if (features_[boundary].isfinite().all().item<bool>()) return;
    throw Error(fmt::format(
        "{}: the frozen features after {} are not all finite; check that the weights are whole "
        "('fathom weights inspect'), or compute them with --precision fp32",
        architecture.name, name_below(architecture, boundary)));
  }

  std::vector<std::int64_t> images_;     ///< ascending
  std::vector<torch::Tensor> features_;  ///< by boundary, bottom first, a row for each image
};

/// One fold.
class Probing {
 public:
  Probing(const UnitTask& task, const FrozenFeatures& features, const ProbeImages& images,
          std::span<const std::string> groups)
      : task_(task),
        features_(features),
        train_(part(images.train, groups)),
        valid_(part(images.valid, groups)),
        test_(part(images.test, groups)) {}

  results::ProbedBoundary at(std::size_t boundary) const {
    const std::vector<std::string>& blocks = task_.architecture->blocks;
    results::ProbedBoundary made;
    made.below = name_below(*task_.architecture, boundary);
    made.level = zoo::all_levels(*task_.architecture)[blocks.size() - boundary].name;
    const torch::Tensor train = features_.at(boundary, train_.images);
    made.features = static_cast<std::size_t>(train.size(1));
    fit(train, boundary, made);
    made.logme = logme(train, train_.labels, task_.classes);
    return made;
  }

 private:
  struct Part {
    std::span<const std::int64_t> images;
    std::vector<int> labels;
    stats::Groups groups;
  };

  Part part(std::span<const std::int64_t> images, std::span<const std::string> groups) const {
    std::vector<std::string> names;
    for (const std::int64_t image : images) {
      names.push_back(groups[static_cast<std::size_t>(image)]);
    }
    return {images, labels_of(task_.labels, images), stats::make_groups(names)};
  }

  void fit(const torch::Tensor& train, std::size_t boundary, results::ProbedBoundary& made) const {
    const torch::Tensor valid = features_.at(boundary, valid_.images);
    const torch::Tensor test = features_.at(boundary, test_.images);
    double least_loss = std::numeric_limits<double>::infinity();
    LinearProbe probe(train, train_.labels, task_.classes);
    for (const double strength : {1.0, 0.1, 0.01, 0.001, 0.0001}) {
      probe.fit(strength);
      const stats::Predictions scored = probe.predict(valid, valid_.labels);
      const double loss = stats::score(scored, task_.positive).log_loss;
      if (loss >= least_loss) continue;
      least_loss = loss;
      made.strength = strength;
      made.validation = auc_of(scored, valid_.groups);
      made.test = test_.labels.empty() ? auc_of({task_.classes, {}, {}}, {})
                                       : auc_of(probe.predict(test, test_.labels), test_.groups);
    }
  }

  results::ProbedAuc auc_of(const stats::Predictions& predictions,
                            const stats::Groups& groups) const {
    const stats::AucSample sample = stats::overall_auc_sample(predictions, task_.positive, groups);
    return {sample.auc, stats::auc_interval(sample)};
  }

  const UnitTask& task_;
  const FrozenFeatures& features_;
  Part train_, valid_, test_;
};

}  // namespace

std::vector<results::ProbeRecord> probe(const UnitTask& task, std::span<const ProbeImages> folds,
                                        std::span<const std::string> groups,
                                        const std::function<void()>& keep_going) {
  Stopwatch watch;
  const FrozenFeatures features(task, folds, keep_going);
  const double of_pass = watch.seconds() / static_cast<double>(folds.size());
  std::vector<results::ProbeRecord> records;
  for (const ProbeImages& images : folds) {
    FATHOM_CHECK(!images.train.empty() && !images.valid.empty());
    watch = Stopwatch();
    const Probing probing(task, features, images, groups);
    results::ProbeRecord& record = records.emplace_back();
    record.architecture = task.architecture->name;
    record.fold = static_cast<int>(records.size()) - 1;
    record.train = images.train.size();
    record.valid = images.valid.size();
    record.test = images.test.size();
    for (std::size_t b = 0; b <= task.architecture->blocks.size(); ++b) {
      keep_going();
      record.boundaries.push_back(probing.at(b));
    }
    record.seconds = of_pass + watch.seconds();
  }
  return records;
}

}  // namespace fathom::train
