#include <ATen/record_function.h>

#include <cmath>
#include <utility>

#include "fathom/base/clock.h"
#include "fathom/train/freeze.h"
#include "fathom/train/loss.h"
#include "fathom/train/trainer.h"
#include "fathom/zoo/flops.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

bool same_tensors(const weights::StateDict& a, const weights::StateDict& b) {
  return weights::content_hash(a) == weights::content_hash(b);
}

/// Lets everything be scored that a study can ask for beyond the test part.
void go_beyond_test(tests::TinyTask& tiny) {
  tiny.task.scored_train = part_indices(*tiny.task.assignment, data::Split::train);
  tiny.task.corrupted = tiny.task.compared = part_indices(*tiny.task.assignment, data::Split::test);
  tiny.task.external = {{"itself", tiny.inputs.get(), tiny.labels}};
}

/// Weights that a prefix computes with, the very ones: those that its first convolution is handed.
torch::Tensor first_weight(const FrozenPrefix& prefix) {
  thread_local torch::Tensor found;  // callbacks are plain functions: nothing can be captured
  found = torch::Tensor();
  const auto handle = at::addThreadLocalCallback(
      at::RecordFunctionCallback(
          [](const at::RecordFunction& function) -> std::unique_ptr<at::ObserverContext> {
            if (!found.defined() && std::string_view(function.name()) == "aten::convolution") {
              found = function.inputs()[1].toTensor();
            }
            return nullptr;
          })
          .needsInputs(true)
          .scopes({at::RecordScope::FUNCTION}));
  prefix.forward(torch::zeros({1, 3, 32, 32}), 0, 1);
  at::removeCallback(handle);
  return std::exchange(found, {});
}

}  // namespace

TEST(Trainer, LearnsAnEasyTaskWithTheWholeNetwork) {
  tests::TinyTask tiny("squeezenet1_1", "all");
  tiny.task.options.epochs = 8;
  const UnitOutcome outcome = train_unit(tiny.task);
  ASSERT_TRUE(outcome.record.finished);
  ASSERT_EQ(outcome.record.history.size(), 8U);
  EXPECT_LT(outcome.record.history.back().train_loss, outcome.record.history.front().train_loss);
  EXPECT_GT(outcome.record.validation.auc, 0.6);
}

TEST(Trainer, SameSettingsGiveTheSameResultToTheBit) {
  tests::TinyTask tiny("mobilenet_v2", "stage7");
  const UnitOutcome first = train_unit(tiny.task), second = train_unit(tiny.task);
  EXPECT_TRUE(same_tensors(first.tuned, second.tuned));
  EXPECT_EQ(first.test.probabilities, second.test.probabilities);
  EXPECT_EQ(first.record.frozen_hash, second.record.frozen_hash);
}

TEST(Trainer, AnotherSeedGivesAnotherResult) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  const UnitOutcome first = train_unit(tiny.task);
  tiny.task.key.seed = 1;
  EXPECT_FALSE(same_tensors(first.tuned, train_unit(tiny.task).tuned));
}

TEST(Trainer, TunedTensorsAreThoseOfTheTunedBlocksAndTheHead) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  const UnitOutcome outcome = train_unit(tiny.task);
  for (const auto& [name, tensor] : outcome.tuned) {
    EXPECT_TRUE(name.starts_with("features.12.") || name.starts_with("head.")) << name;
  }
  EXPECT_EQ(outcome.tuned.size(), 6U + 2U);
  std::int64_t parameters = 0;
  for (const auto& [name, tensor] : outcome.tuned) parameters += tensor.elements();
  EXPECT_EQ(outcome.record.cost.trainable_parameters, parameters);
}

TEST(Trainer, RestoresTheBestEpochForTheTestPart) {
  tests::TinyTask tiny("squeezenet1_1", "all");
  tiny.task.options.epochs = 5;
  tiny.task.options.schedule = "constant";
  tiny.task.key.learning_rate = 3e-3;
  UnitOutcome whole = train_unit(tiny.task);
  while (whole.record.best_epoch == 5 && tiny.task.key.seed < 10) {
    ++tiny.task.key.seed;
    whole = train_unit(tiny.task);
  }
  ASSERT_LT(whole.record.best_epoch, 5);
  double best = -1;
  for (const auto& epoch : whole.record.history) best = std::max(best, epoch.valid_auc);
  EXPECT_EQ(whole.record.validation.auc, best);
  tiny.task.options.epochs = whole.record.best_epoch;
  const UnitOutcome stopped = train_unit(tiny.task);
  EXPECT_TRUE(same_tensors(whole.tuned, stopped.tuned));
  EXPECT_EQ(whole.test.probabilities, stopped.test.probabilities);
}

TEST(Trainer, DepthsOfASeedSeeTheSameBatchesViewsAndHead) {
  // With a learning rate that moves nothing, the loss tells what was seen and by which head.
  tests::TinyTask tiny("squeezenet1_1", "head");
  tiny.task.options.epochs = 1;
  tiny.task.options.augment = "dihedral";
  tiny.task.key.learning_rate = 1e-12;
  const auto loss = [&](const std::string& level, std::uint64_t seed) {
    tiny.set_level(level);
    tiny.task.key.seed = seed;
    return train_unit(tiny.task).record.history.front().train_loss;
  };
  const double head = loss("head", 0);
  EXPECT_NEAR(loss("fire9", 0), head, 1e-6);
  EXPECT_NEAR(loss("all", 0), head, 1e-6);
  EXPECT_GT(std::abs(loss("head", 1) - head), 1e-4);
}

TEST(Trainer, PatienceStopsEarly) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  tiny.task.options.epochs = 50;
  tiny.task.options.patience = 1;
  tiny.task.key.learning_rate = 1e-8;
  const UnitOutcome outcome = train_unit(tiny.task);
  EXPECT_LT(outcome.record.history.size(), 50U);
}

TEST(Trainer, LossThatIsNotFiniteIsAnErrorThatSaysWhere) {
  tests::TinyTask tiny("squeezenet1_1", "all");
  tiny.task.options.epochs = 20;
  tiny.task.options.optimizer = "sgd";
  tiny.task.options.warmup_epochs = 0;
  tiny.task.key.learning_rate = 1e6;
  const std::string message = tests::error_of([&] { train_unit(tiny.task); });
  EXPECT_NE(message.find("training loss became"), std::string::npos) << message;
  EXPECT_NE(message.find("epoch"), std::string::npos) << message;
}

TEST(Trainer, BrokenFreezeContractFailsTheUnit) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  // The pretrained tensors change under the unit: the same as a frozen tensor that moves.
  UnitObserver observer;
  observer.after_epoch = [&](const results::EpochRecord&) {
    tiny.weights.tensors["features.0.bias"] = zoo::from_tensor(torch::ones({64}));
  };
  EXPECT_NE(tests::error_of([&] { train_unit(tiny.task, observer); }).find("features.0.bias"),
            std::string::npos);
}

TEST(Trainer, APrefixThatMovesUnderAUnitFailsIt) {
  for (const char* level : {"head", "fire9"}) {
    tests::TinyTask tiny("squeezenet1_1", level);
    torch::Tensor weight = first_weight(tiny.inputs->prefix());
    UnitObserver observer;
    observer.after_batch = [&] { weight.data_ptr<float>()[0] = 1; };
    EXPECT_EQ(tests::error_of([&] { train_unit(tiny.task, observer); }),
              "the freeze contract is broken: the frozen prefix that the units share has moved")
        << level;
  }
}

TEST(Trainer, ObserverCanStopTheUnit) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  UnitObserver observer;
  observer.after_batch = [] { throw Interrupted(); };
  EXPECT_THROW(train_unit(tiny.task, observer), Interrupted);
}

TEST(Trainer, EveryOptimizerScheduleAndLossSettingTrains) {
  tests::TinyTask tiny("mobilenet_v2", "top");
  tiny.task.options.epochs = 1;
  tiny.task.options.label_smoothing = 0.1;
  tiny.task.options.class_weights = "balanced";
  for (const char* optimizer : {"adam", "adamw", "sgd"}) {
    for (const char* schedule : {"cosine", "plateau", "constant"}) {
      tiny.task.options.optimizer = optimizer;
      tiny.task.options.schedule = schedule;
      EXPECT_TRUE(std::isfinite(train_unit(tiny.task).record.history.front().train_loss))
          << optimizer << " " << schedule;
    }
  }
}

TEST(Trainer, Bf16AgreesWithFp32OnAHeadOnlyUnit) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  const UnitOutcome exact = train_unit(tiny.task);
  tiny.task.options.precision = "bf16";
  tiny.open_inputs();
  const UnitOutcome rounded = train_unit(tiny.task);
  ASSERT_EQ(exact.test.probabilities.size(), rounded.test.probabilities.size());
  for (std::size_t i = 0; i < exact.test.probabilities.size(); ++i) {
    EXPECT_NEAR(exact.test.probabilities[i], rounded.test.probabilities[i], 0.05);
  }
}

TEST(Trainer, NormOnlyNeedsNoGradientOfConvolutionWeights) {
  tests::TinyTask tiny("mobilenet_v2", "norm-only");
  const double norm_only = estimate_unit(tiny.task).backward_flops;
  tiny.set_level("all");
  const double all = estimate_unit(tiny.task).backward_flops;
  EXPECT_GT(norm_only, 0.4 * all);
  EXPECT_LT(norm_only, 0.6 * all);
}

TEST(Trainer, PeakMemoryIsThatOfTheUnit) {
  { const torch::Tensor large = torch::ones({200'000'000}); }
  tests::TinyTask tiny("squeezenet1_1", "head");
  tiny.task.options.epochs = 1;
  EXPECT_LT(train_unit(tiny.task).record.cost.peak_memory_bytes, 800'000'000);
}

TEST(Loss, BalancedWeightsAndSmoothingByHand) {
  TrainOptions options;
  const std::vector<int> labels{0, 0, 0, 1};
  const torch::Tensor logits = torch::tensor({{2.0F, 0.0F}, {0.0F, 0.0F}});
  const torch::Tensor truth = torch::tensor({0, 1}, torch::kInt64);
  const double first = std::log(1 + std::exp(-2.0)), second = std::log(2.0);
  auto plain = make_loss(options, labels, 2);
  EXPECT_NEAR(plain(logits, truth).item<float>(), (first + second) / 2, 1e-6);
  options.class_weights = "balanced";  // 4 / (2 * 3) and 4 / (2 * 1)
  auto balanced = make_loss(options, labels, 2);
  EXPECT_NEAR(balanced(logits, truth).item<float>(), (first * 2 / 3 + second * 2) / (2.0 / 3 + 2),
              1e-6);
  options.class_weights = "none";
  options.label_smoothing = 0.1;
  auto smoothed = make_loss(options, labels, 2);
  EXPECT_NEAR(smoothed(logits, truth).item<float>(),
              (0.95 * first + 0.05 * (first + 2) + second) / 2, 1e-6);
}

TEST(Trainer, WhatTheStudyScoresBeyondTestIsNoPartOfAUnitsTime) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  go_beyond_test(tiny);
  for (const char* level : {"fire9", "head"}) {
    tiny.set_level(level);
    const Stopwatch watch;
    const results::Cost cost = train_unit(tiny.task).record.cost;
    ASSERT_TRUE(cost.extra_seconds) << level;
    EXPECT_GT(*cost.extra_seconds, 0) << level;
    EXPECT_LE(cost.prefix_seconds + cost.train_seconds + cost.evaluate_seconds, cost.total_seconds)
        << level;
    EXPECT_LE(cost.seconds_with_extras(), watch.seconds()) << level << ": counted twice";
    EXPECT_GT(*estimate_unit(tiny.task).extra_seconds, 0) << level;
  }
}

TEST(Trainer, TrainingImagesAreScoredAsTheyAreByTheRestoredEpoch) {
  tests::TinyTask tiny("squeezenet1_1", "all");
  EXPECT_FALSE(train_unit(tiny.task).record.train);
  tiny.task.options.augment = "dihedral";
  tiny.task.options.dropout = 0.5;
  tiny.task.options.label_smoothing = 0.2;
  const auto train = part_indices(*tiny.task.assignment, data::Split::train);
  for (const char* level : {"all", "head"}) {
    tiny.set_level(level);
    tiny.task.scored_train = train;
    const results::TrainScores found = *train_unit(tiny.task).record.train;
    EXPECT_EQ(found.images, train.size());
    // The whole data set as an external one: these images are among it.
    tiny.task.external = {{"itself", tiny.inputs.get(), tiny.labels}};
    const stats::Predictions all = train_unit(tiny.task).external.at(0);
    stats::Predictions expected{.classes = 2};
    for (const std::int64_t image : train) {
      expected.labels.push_back(all.labels[static_cast<std::size_t>(image)]);
      const auto of_image = all.probabilities.begin() + 2 * image;
      expected.probabilities.insert(expected.probabilities.end(), of_image, of_image + 2);
    }
    const stats::Scores scores = stats::score(expected, tiny.task.positive);
    EXPECT_NEAR(found.auc, scores.auc, 0.01) << level;  // batches of other images: last bits differ
    EXPECT_NEAR(found.log_loss, scores.log_loss, 1e-5) << level;
  }
}

TEST(Trainer, TheHeadCountsAmongTheFlops) {
  tests::TinyTask tiny("squeezenet1_1", "head");
  constexpr double kHead = 2 * 512 * 2;  // features x classes multiply-adds
  const results::Cost head = train_unit(tiny.task).record.cost;
  EXPECT_EQ(head.forward_flops, kHead);
  EXPECT_EQ(head.backward_flops, kHead) << "for its weights alone";
  tiny.set_level("fire9");
  const results::Cost deeper = estimate_unit(tiny.task);
  EXPECT_EQ(deeper.prefix_flops + deeper.forward_flops, head.prefix_flops + kHead);
  // What counting over the blocks alone gives; and the gradients of weights and features.
  const FrozenNetwork frozen(zoo::build_network(*tiny.task.architecture), tiny.task.key.level,
                             false);
  EXPECT_EQ(
      deeper.backward_flops,
      zoo::count_backward_flops(frozen.network(), frozen.first_tuned_block(), 32) + 2 * kHead);
}

TEST(Trainer, CostsAreAccountedFor) {
  tests::TinyTask tiny("squeezenet1_1", "fire9");
  const results::Cost cost = train_unit(tiny.task).record.cost;
  EXPECT_GT(cost.prefix_flops, 0);
  EXPECT_GT(cost.forward_flops, 0);
  EXPECT_GT(cost.backward_flops, cost.forward_flops);
  EXPECT_LT(cost.backward_flops, 2 * cost.forward_flops);  // no gradient below the cut
  EXPECT_GT(cost.peak_memory_bytes, 1 << 20);
  EXPECT_LE(cost.prefix_seconds + cost.train_seconds + cost.evaluate_seconds, cost.total_seconds);
  EXPECT_EQ(cost.total_parameters, 722496 + 2 * 512 + 2);  // SqueezeNet 1.1's features and the head
}

}  // namespace fathom::train
