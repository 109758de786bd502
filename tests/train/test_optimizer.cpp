#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "fathom/train/optimizer.h"

namespace fathom::train {
namespace {

TrainOptions ten_epochs(const std::string& schedule) {
  TrainOptions options;
  options.epochs = 10;
  options.warmup_epochs = 1;
  options.schedule = schedule;
  return options;
}

}  // namespace

TEST(Schedule, WarmsUpLinearlyAndFallsByACosineToZero) {
  const Schedule schedule(ten_epochs("cosine"), 0.4, 100);
  EXPECT_NEAR(schedule.rate(0), 0.004, 1e-12);
  EXPECT_NEAR(schedule.rate(49), 0.2, 1e-12);
  EXPECT_NEAR(schedule.rate(100), 0.4, 1e-12);
  EXPECT_NEAR(schedule.rate(550), 0.2, 1e-12);  // half way between 100 and 1000
  EXPECT_NEAR(schedule.rate(1000), 0.0, 1e-12);
}

TEST(Schedule, DropsToATenthAfterTwoEpochsWithoutGain) {
  Schedule schedule(ten_epochs("plateau"), 1.0, 10);
  for (const double loss : {1.0, 0.9, 0.95}) schedule.after_epoch(loss);
  EXPECT_DOUBLE_EQ(schedule.rate(50), 1.0);
  schedule.after_epoch(0.91);
  EXPECT_DOUBLE_EQ(schedule.rate(50), 0.1);
}

/// Twenty steps of both on the same gradients; the parameters afterwards.
void expect_as_torch(const TrainOptions& options,
                     const std::function<std::unique_ptr<torch::optim::Optimizer>(
                         const std::vector<torch::Tensor>&)>& make_torch) {
  torch::manual_seed(3);
  const torch::Tensor start = torch::randn({16, 8, 3, 3});
  const torch::Tensor ours =
      start.contiguous(torch::MemoryFormat::ChannelsLast).clone().set_requires_grad(true);
  const torch::Tensor theirs = start.clone().set_requires_grad(true);
  Optimizer optimizer({{"w", ours}}, options, Precision::fp32);
  const auto reference = make_torch({theirs});
  for (int i = 0; i < 20; ++i) {
    const torch::Tensor gradient = torch::randn_like(start);
    ours.mutable_grad() = gradient.clone();  // another memory order than the parameter's
    theirs.mutable_grad() = gradient.clone();
    optimizer.step(0.01);
    reference->step();
  }
  EXPECT_LT((ours - theirs).abs().max().item<float>(), 2e-6) << options.optimizer;
}

TEST(Optimizer, StepsAsTorchsDo) {
  TrainOptions options;
  options.weight_decay = 0.1;
  options.optimizer = "adam";
  expect_as_torch(options, [](const auto& tensors) {
    return std::make_unique<torch::optim::Adam>(tensors,
                                                torch::optim::AdamOptions(0.01).weight_decay(0.1));
  });
  options.optimizer = "adamw";
  expect_as_torch(options, [](const auto& tensors) {
    return std::make_unique<torch::optim::AdamW>(
        tensors, torch::optim::AdamWOptions(0.01).weight_decay(0.1));
  });
  options.optimizer = "sgd";
  options.momentum = 0.8;
  expect_as_torch(options, [](const auto& tensors) {
    return std::make_unique<torch::optim::SGD>(
        tensors, torch::optim::SGDOptions(0.01).momentum(0.8).weight_decay(0.1));
  });
}

/// What a GPU's step does, on the processor: the arrays lie as there.
TEST(FlatParameters, StepAsTheOptimizerDoes) {
  for (const auto dtype : {torch::kFloat32, torch::kBFloat16}) {
    torch::manual_seed(3);
    std::vector<torch::Tensor> model, masters;
    NamedTensors trained;
    for (const std::int64_t channels : {8, 5}) {
      const torch::Tensor start =
          torch::randn({16, channels, 3, 3}).contiguous(torch::MemoryFormat::ChannelsLast);
      masters.push_back(start);
      model.push_back(start.to(dtype).detach().clone().set_requires_grad(true));
      trained.emplace_back("w", start.clone().set_requires_grad(true));
    }
    const FlatParameters flat(model, masters, /*has_second=*/true);
    TrainOptions options;
    options.optimizer = "adam";
    const auto precision = dtype == torch::kBFloat16 ? Precision::bf16 : Precision::fp32;
    Optimizer optimizer(trained, options, precision);
    for (int step = 1; step <= 5; ++step) {
      for (std::size_t i = 0; i < model.size(); ++i) {
        const torch::Tensor gradient = torch::randn(masters[i].sizes()).to(dtype);
        model[i].mutable_grad() = gradient.clone();  // another memory order than the parameter's
        trained[i].second.mutable_grad() = gradient.clone();
      }
      optimizer.step(0.01);
      const torch::NoGradGuard no_grad;
      flat.step(
          AdamStep{.rate = static_cast<float>(0.01 / (1 - std::pow(0.9, step))),
                   .root_factor = static_cast<float>(1 / std::sqrt(1 - std::pow(0.999, step)))});
    }
    for (std::size_t i = 0; i < model.size(); ++i) {
      const auto difference = [](const torch::Tensor& a, const torch::Tensor& b) {
        return (a.to(torch::kFloat32) - b.to(torch::kFloat32)).abs().max().item<float>();
      };
      EXPECT_LT(difference(flat.master(i), optimizer.masters()[i].second), 1e-6);
      EXPECT_LT(difference(flat.master(i), model[i]), dtype == torch::kBFloat16 ? 0.02 : 1e-9);
      EXPECT_EQ(model[i].strides(), masters[i].strides());
    }
  }
}

TEST(Optimizer, WeightDecayTouchesOnlyMatricesAndConvolutions) {
  for (const char* name : {"adam", "adamw", "sgd"}) {
    const torch::Tensor weight = torch::ones({2, 2}, torch::requires_grad());
    const torch::Tensor bias = torch::ones({2}, torch::requires_grad());
    weight.mutable_grad() = torch::zeros({2, 2});
    bias.mutable_grad() = torch::zeros({2});
    TrainOptions options;
    options.optimizer = name;
    options.weight_decay = 0.5;
    Optimizer({{"w", weight}, {"b", bias}}, options, Precision::fp32).step(0.1);
    EXPECT_LT(weight.sum().item<float>(), 4) << name;
    EXPECT_EQ(bias.sum().item<float>(), 2) << name;
  }
}

TEST(Optimizer, InBf16TheNetworkComputesWithTheRoundedMaster) {
  torch::manual_seed(4);
  const torch::Tensor weight = torch::randn({5, 3, 3, 3}).set_requires_grad(true);
  const torch::Tensor start = weight.detach().clone();
  Optimizer optimizer({{"w", weight}}, TrainOptions(), Precision::bf16);
  ASSERT_EQ(weight.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(optimizer.masters()[0].second.equal(start));  // to the bit: nothing is lost
  for (int i = 0; i < 10; ++i) {
    weight.mutable_grad() = torch::randn_like(weight);
    // Steps far below the resolution of bf16 must add up in the master.
    optimizer.step(1e-5);
    EXPECT_TRUE(weight.detach().equal(optimizer.masters()[0].second.to(torch::kBFloat16)));
  }
  EXPECT_FALSE(optimizer.masters()[0].second.equal(start));
}

TEST(Optimizer, ATensorWithoutGradientStays) {
  const torch::Tensor weight = torch::ones({2, 2}, torch::requires_grad());
  Optimizer({{"w", weight}}, TrainOptions(), Precision::fp32).step(0.1);
  EXPECT_EQ(weight.sum().item<float>(), 4);
}

}  // namespace fathom::train
