#include "fathom/train/similarity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "fathom/base/error.h"
#include "fathom/train/autocast.h"
#include "fathom/train/boundaries.h"
#include "fathom/train/evaluate.h"

namespace fathom::train {
namespace {

/// Inner products of all pairs of different images; those of an image with itself are zero.
torch::Tensor gram_of_pairs(const torch::Tensor& features) {
  const torch::Tensor x = features.to(torch::kFloat64);
  // The estimate does not depend on the mean; without it the numbers stay small.
  const torch::Tensor centred = x - x.mean(0);
  return centred.matmul(centred.t()).fill_diagonal_(0);
}

/// Equation 5 of Song et al. 2012, times n (n - 3), which cancels in the ratio.
double scaled_hsic(const torch::Tensor& k, const torch::Tensor& l) {
  const auto n = static_cast<double>(k.size(0));
  const torch::Tensor k_sums = k.sum(0), l_sums = l.sum(0);
  return ((k * l).sum() + k_sums.sum() * l_sums.sum() / ((n - 1) * (n - 2)) -
          2 / (n - 2) * k_sums.dot(l_sums))
      .item<double>();
}

}  // namespace

double linear_cka(const torch::Tensor& a, const torch::Tensor& b) {
  FATHOM_CHECK(a.dim() == 2 && b.dim() == 2 && a.size(0) == b.size(0));
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  if (a.size(0) < 4) return kUndefined;
  const torch::NoGradGuard no_grad;
  const torch::Tensor k = gram_of_pairs(a), l = gram_of_pairs(b);
  const double own = scaled_hsic(k, k), other = scaled_hsic(l, l);
  return own > 0 && other > 0 ? scaled_hsic(k, l) / std::sqrt(own * other) : kUndefined;
}

std::vector<double> similarity_to_pretrained(const UnitTask& task, const FrozenNetwork& network,
                                             const std::function<void()>& keep_going) {
  if (task.compared.empty()) return {};
  const std::size_t cut = network.first_tuned_block(), blocks = task.architecture->blocks.size();
  std::vector<double> similarity(blocks, 1.0);
  if (cut == blocks) return similarity;
  const torch::NoGradGuard no_grad;
  network.set_training(false);
  const Compute compute = resolve_compute(task.options);
  const auto forward = [&](const torch::Tensor& x, std::size_t block) {
    const Autocast autocast(compute);
    return network.network().forward_blocks(x, block, block + 1);
  };
  std::vector<std::vector<torch::Tensor>> pretrained(blocks - cut), tuned(blocks - cut);
  for (std::size_t start = 0; start < task.compared.size(); start += kScoreBatch) {
    keep_going();
    const std::size_t count = std::min(kScoreBatch, task.compared.size() - start);
    torch::Tensor before = task.inputs->at(cut, std::span(task.compared).subspan(start, count), {});
    torch::Tensor after = before;
    for (std::size_t b = cut; b < blocks; ++b) {
      before = task.inputs->prefix().forward(before, b, b + 1);
      after = forward(after, b);
      pretrained[b - cut].push_back(pooled_features(before));
      tuned[b - cut].push_back(pooled_features(after));
    }
  }
  for (std::size_t b = cut; b < blocks; ++b) {
    similarity[b] = linear_cka(torch::cat(pretrained[b - cut]), torch::cat(tuned[b - cut]));
  }
  return similarity;
}

}  // namespace fathom::train
