#include <gtest/gtest.h>

#include <cmath>

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

TEST(Optimizer, WeightDecayTouchesOnlyMatricesAndConvolutions) {
  const torch::Tensor weight = torch::ones({2, 2}, torch::requires_grad());
  const torch::Tensor bias = torch::ones({2}, torch::requires_grad());
  weight.mutable_grad() = torch::zeros({2, 2});
  bias.mutable_grad() = torch::zeros({2});
  for (const char* name : {"adam", "adamw", "sgd"}) {
    TrainOptions options;
    options.optimizer = name;
    options.weight_decay = 0.5;
    const torch::Tensor before = weight.detach().clone();
    make_optimizer({{"w", weight}, {"b", bias}}, options, 0.1)->step();
    EXPECT_LT(weight.sum().item<float>(), before.sum().item<float>()) << name;
    EXPECT_EQ(bias.sum().item<float>(), 2) << name;
  }
}

TEST(Optimizer, LearningRateCanBeChanged) {
  const torch::Tensor weight = torch::ones({2, 2}, torch::requires_grad());
  weight.mutable_grad() = torch::ones({2, 2});
  TrainOptions options;
  options.optimizer = "sgd";
  options.momentum = 0;
  const auto optimizer = make_optimizer({{"w", weight}}, options, 0.1);
  set_learning_rate(*optimizer, 0.25);
  optimizer->step();
  EXPECT_FLOAT_EQ(weight[0][0].item<float>(), 0.75F);
}

}  // namespace fathom::train
