// How many images a second the frozen network takes by the size of its batches, and what folding
// normalization into its convolutions gains. The rounds of all settings alternate, so that what
// else the machine does falls on all; the median of the rounds counts. Prints Markdown. Usage:
// bench_prefix [ROUNDS], 5 by default.
#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "fathom/base/clock.h"
#include "fathom/train/autocast.h"
#include "fathom/train/frozen_prefix.h"
#include "fathom/train/runtime.h"
#include "fathom/weights/state_dict.h"
#include "fathom/zoo/network.h"

namespace {

using namespace fathom;

constexpr std::int64_t kBatches[] = {8, 16, 32, 64, 128, 256};
constexpr std::int64_t kImages = 256;  // of a round

struct Case {
  std::string architecture;
  std::int64_t size;  // pixels
};

const Case kCases[] = {{"squeezenet1_1", 96}, {"mobilenet_v2", 96}, {"resnet50", 96},
                       {"inception_v3", 96},  {"vgg16", 96},        {"resnet50", 224}};

weights::PretrainedWeights random_weights(const zoo::Architecture& architecture) {
  torch::manual_seed(0);
  weights::PretrainedWeights weights;
  weights.card.name = "random";
  weights.card.architecture = architecture.name;
  weights.tensors = zoo::to_state_dict(zoo::build_network(architecture).root());
  return weights;
}

/// The network as it is published, in the same memory layout and number format.
class Unfolded {
 public:
  Unfolded(const zoo::Architecture& architecture, const weights::PretrainedWeights& weights,
           train::Precision precision)
      : network_(zoo::load_network(architecture, weights.tensors, "random")),
        precision_(precision) {
    network_.root().eval();
    for (const torch::Tensor& parameter : network_.root().parameters()) {
      if (precision != train::Precision::bf16 || parameter.dim() != 4) continue;
      parameter.set_data(parameter.detach().to(torch::kBFloat16));
    }
    train::use_channels_last(network_.root());
  }

  torch::Tensor forward(const torch::Tensor& x) const {
    const torch::NoGradGuard no_grad;
    const train::Autocast autocast(precision_);
    return network_.forward_blocks(x, 0, network_.blocks().size());
  }

 private:
  zoo::Network network_;
  train::Precision precision_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

template <class Forward>
double images_a_second(const torch::Tensor& images, std::int64_t batch, const Forward& forward) {
  const Stopwatch watch;
  for (std::int64_t first = 0; first < kImages; first += batch) {
    forward(images.slice(0, first, first + batch));
  }
  return kImages / watch.seconds();
}

void measure(const Case& one, train::Precision precision, int rounds) {
  const zoo::Architecture& architecture = zoo::find_architecture(one.architecture);
  const weights::PretrainedWeights weights = random_weights(architecture);
  const train::FrozenPrefix folded(architecture, weights, precision);
  const Unfolded unfolded(architecture, weights, precision);
  const torch::Tensor images =
      torch::rand({kImages, 3, one.size, one.size}).contiguous(torch::MemoryFormat::ChannelsLast);
  std::vector<std::vector<double>> speeds(std::size(kBatches) + 1);
  for (int round = -1; round < rounds; ++round) {  // the first round warms up
    for (std::size_t i = 0; i < speeds.size(); ++i) {
      const bool plain = i == std::size(kBatches);
      const double speed =
          plain ? images_a_second(images, 64, [&](const auto& x) { return unfolded.forward(x); })
                : images_a_second(images, kBatches[i], [&](const auto& x) {
                    return folded.forward(x, 0, folded.blocks());
                  });
      if (round >= 0) speeds[i].push_back(speed);
    }
  }
  fmt::print("| {} | {} | {} |", one.architecture, one.size,
             precision == train::Precision::bf16 ? "bf16" : "fp32");
  for (const auto& of_setting : speeds) fmt::print(" {:.0f} |", median(of_setting));
  fmt::print("\n");
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  train::set_up_runtime();
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  fmt::print("Images a second, LibTorch {}, {} threads, {} rounds\n\n", train::libtorch_version(),
             train::thread_count(), rounds);
  fmt::print("| network | pixels | numbers |");
  for (const std::int64_t batch : kBatches) fmt::print(" batch {} |", batch);
  fmt::print(" 64, not folded |\n|---|---|---|");
  for (std::size_t i = 0; i <= std::size(kBatches); ++i) fmt::print("---|");
  fmt::print("\n");
  const train::Precision fastest = train::resolve_precision("auto");
  for (const Case& one : kCases) {
    measure(one, train::Precision::fp32, rounds);
    if (fastest == train::Precision::bf16) measure(one, fastest, rounds);
  }
}
