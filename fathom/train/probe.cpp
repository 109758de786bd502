#include "fathom/train/probe.h"

#include <fmt/format.h>

#include <limits>

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

/// The pooled features of every boundary, bottom first: images x channels each, float32.
std::vector<torch::Tensor> pooled_boundaries(Boundaries& inputs,
                                             std::span<const std::int64_t> images,
                                             const std::function<void()>& keep_going) {
  const FrozenPrefix& network = inputs.prefix();
  std::vector<std::vector<torch::Tensor>> batches(network.blocks() + 1);
  for (std::size_t start = 0; start < images.size(); start += kScoreBatch) {
    keep_going();
    const std::size_t count = std::min(kScoreBatch, images.size() - start);
    torch::Tensor x = inputs.at(0, images.subspan(start, count), {});
    for (std::size_t b = 0; b <= network.blocks(); ++b) {
      if (b > 0) x = network.forward(x, b - 1, b);
      batches[b].push_back(pooled_features(x));
    }
  }
  std::vector<torch::Tensor> features;
  for (const std::vector<torch::Tensor>& of_boundary : batches) {
    features.push_back(of_boundary.empty() ? torch::Tensor() : torch::cat(of_boundary));
  }
  return features;
}

/// One part's images with their features at every boundary.
struct Part {
  std::vector<int> labels;
  stats::Groups groups;
  std::vector<torch::Tensor> features;
};

class Probing {
 public:
  Probing(const UnitTask& task, const ProbeImages& images, const std::function<void()>& keep_going)
      : task_(task),
        train_(part(images.train, images.groups, keep_going)),
        valid_(part(images.valid, images.groups, keep_going)),
        test_(part(images.test, images.groups, keep_going)) {}

  results::ProbedBoundary at(std::size_t boundary) const {
    const std::vector<std::string>& blocks = task_.architecture->blocks;
    results::ProbedBoundary made;
    made.below = boundary == 0 ? "image" : blocks[boundary - 1];
    made.level = zoo::all_levels(*task_.architecture)[blocks.size() - boundary].name;
    made.features = static_cast<std::size_t>(train_.features[boundary].size(1));
    check_finite(boundary, made.below);
    fit(boundary, made);
    made.logme = logme(train_.features[boundary], train_.labels, task_.classes);
    return made;
  }

 private:
  Part part(std::span<const std::int64_t> images, std::span<const std::string> groups,
            const std::function<void()>& keep_going) const {
    std::vector<std::string> names;
    for (const std::int64_t image : images) {
      names.push_back(groups[static_cast<std::size_t>(image)]);
    }
    return {labels_of(task_.labels, images), stats::make_groups(names),
            pooled_boundaries(*task_.inputs, images, keep_going)};
  }

  void check_finite(std::size_t boundary, const std::string& below) const {
    for (const Part* part : {&train_, &valid_, &test_}) {
      if (part->labels.empty() || part->features[boundary].isfinite().all().item<bool>()) continue;
      throw Error(fmt::format(
          "{}: the frozen features after {} are not all finite; check that the weights are whole "
          "('fathom weights inspect'), or compute them with --precision fp32",
          task_.architecture->name, below));
    }
  }

  void fit(std::size_t boundary, results::ProbedBoundary& made) const {
    double least_loss = std::numeric_limits<double>::infinity();
    LinearProbe probe(train_.features[boundary], train_.labels, task_.classes);
    for (const double strength : {1.0, 0.1, 0.01, 0.001, 0.0001}) {
      probe.fit(strength);
      const stats::Predictions valid = probe.predict(valid_.features[boundary], valid_.labels);
      const double loss = stats::score(valid, task_.positive).log_loss;
      if (loss >= least_loss) continue;
      least_loss = loss;
      made.strength = strength;
      made.validation = auc_of(valid, valid_.groups);
      made.test = test_.labels.empty()
                      ? auc_of({task_.classes, {}, {}}, {})
                      : auc_of(probe.predict(test_.features[boundary], test_.labels), test_.groups);
    }
  }

  results::AucOverImages auc_of(const stats::Predictions& predictions,
                                const stats::Groups& groups) const {
    const stats::AucSample sample = stats::overall_auc_sample(predictions, task_.positive, groups);
    return {sample.auc, stats::auc_interval(sample)};
  }

  const UnitTask& task_;
  Part train_, valid_, test_;
};

}  // namespace

results::ProbeRecord probe(const UnitTask& task, const ProbeImages& images,
                           const std::function<void()>& keep_going) {
  FATHOM_CHECK(!images.train.empty() && !images.valid.empty());
  const Stopwatch watch;
  const Probing probing(task, images, keep_going);
  results::ProbeRecord record;
  record.architecture = task.architecture->name;
  record.train = images.train.size();
  record.valid = images.valid.size();
  record.test = images.test.size();
  for (std::size_t b = 0; b <= task.architecture->blocks.size(); ++b) {
    keep_going();
    record.boundaries.push_back(probing.at(b));
  }
  record.seconds = watch.seconds();
  return record;
}

}  // namespace fathom::train
