// What runs on a GPU against the same on the processor. Skipped where LibTorch can use no GPU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fathom/train/optimizer.h"
#include "fathom/train/runtime.h"
#include "tests/train/tiny.h"

namespace fathom::train {
namespace {

class Cuda : public testing::Test {
 protected:
  void SetUp() override {
    if (cuda_device_count() == 0) GTEST_SKIP() << "no GPU that LibTorch can use";
    set_up_runtime();
  }
};

double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  const torch::Tensor wanted = expected.to(torch::kCPU, torch::kFloat64);
  return ((found.to(torch::kCPU, torch::kFloat64) - wanted).norm() / wanted.norm()).item<double>();
}

/// A few images seen by several views.
const std::vector<std::int64_t> kImages = {3, 9, 9, 20, 41};
const std::vector<int> kViews = {0, 1, 6, 3, 0};

/// After each of ten steps by the same gradients, the float32 parameters.
torch::Tensor stepped(const TrainOptions& options, Precision precision, torch::Device device) {
  torch::manual_seed(5);
  const auto parameter = [&](at::IntArrayRef shape, bool last) {
    torch::Tensor start = torch::randn(shape);
    if (last) start = start.contiguous(torch::MemoryFormat::ChannelsLast);
    return start.to(device).set_requires_grad(true);
  };
  const NamedTensors trained{{"conv", parameter({16, 8, 3, 3}, true)},
                             {"scale", parameter({16}, false)},
                             {"point", parameter({32, 16, 1, 1}, true)},
                             {"linear", parameter({2, 32}, false)}};
  Optimizer optimizer(trained, options, precision);
  for (int i = 0; i < 10; ++i) {
    for (const auto& [name, tensor] : trained) {
      tensor.mutable_grad() = torch::randn(tensor.sizes()).to(device, tensor.scalar_type());
    }
    optimizer.step(0.01);
  }
  std::vector<torch::Tensor> flat;
  for (const auto& [name, tensor] : optimizer.masters()) {
    flat.push_back(tensor.detach().to(torch::kCPU).reshape(-1));
  }
  for (const auto& [name, tensor] : trained) {
    flat.push_back(tensor.detach().to(torch::kCPU, torch::kFloat32).reshape(-1));
  }
  return torch::cat(flat);
}

UnitOutcome trained_on(const std::string& device, const std::string& architecture,
                       const std::string& precision, const std::string& level = "all",
                       const std::string& optimizer = "adam") {
  tests::TinyTask tiny(architecture, level);
  tiny.task.options.device = device;
  tiny.task.options.precision = precision;
  tiny.task.options.optimizer = optimizer;
  tiny.open_inputs();
  return train_unit(tiny.task);
}

}  // namespace

TEST_F(Cuda, BoundariesAreThoseOfTheProcessor) {
  tests::TinyTask tiny("squeezenet1_1");
  std::vector<torch::Tensor> expected;
  for (std::size_t cut = 0; cut <= tiny.task.architecture->blocks.size(); ++cut) {
    expected.push_back(tiny.inputs->at(cut, kImages, kViews));
  }
  tiny.task.options.device = "cuda";
  tiny.open_inputs();
  for (const bool stored : {false, true}) {
    if (stored) {
      const std::vector<std::size_t> boundaries = {3, 6};
      std::vector<Sight> sights;
      for (std::size_t i = 0; i < kImages.size(); ++i) sights.push_back({kImages[i], kViews[i]});
      tiny.inputs->fill(boundaries, sights, [] {});
      ASSERT_EQ(tiny.inputs->count_missing(sights)[6], 0U);
    }
    for (std::size_t cut = 0; cut < expected.size(); ++cut) {
      const torch::Tensor found = tiny.inputs->at(cut, kImages, kViews);
      EXPECT_TRUE(found.is_cuda());
      EXPECT_LT(relative_error(found, expected[cut]), 1e-4) << "cut " << cut << " " << stored;
    }
  }
  EXPECT_TRUE(tiny.inputs->prefix().is_unmoved());
}

TEST_F(Cuda, OptimizersStepAsOnTheProcessor) {
  TrainOptions options;
  options.weight_decay = 0.1;
  for (const char* optimizer : {"adam", "adamw", "sgd"}) {
    options.optimizer = optimizer;
    for (const Precision precision : {Precision::fp32, Precision::bf16}) {
      EXPECT_LT(relative_error(stepped(options, precision, torch::kCUDA),
                               stepped(options, precision, torch::kCPU)),
                precision == Precision::fp32 ? 1e-6 : 1e-4)
          << optimizer;
    }
  }
}

TEST_F(Cuda, TrainsAsTheProcessorDoes) {
  // Adam would blow up rounding: it divides gradients near zero by their own size.
  const UnitOutcome there = trained_on("cuda", "mobilenet_v2", "fp32", "all", "sgd");
  const UnitOutcome here = trained_on("cpu", "mobilenet_v2", "fp32", "all", "sgd");
  ASSERT_EQ(there.record.history.size(), here.record.history.size());
  EXPECT_NEAR(there.record.history.front().train_loss, here.record.history.front().train_loss,
              2e-3);
  EXPECT_EQ(there.record.frozen_hash, here.record.frozen_hash);
}

TEST_F(Cuda, TrainsToTheSameBitsAgain) {
  for (const char* precision : {"fp32", "bf16"}) {
    tests::expect_same(trained_on("cuda", "mobilenet_v2", precision),
                       trained_on("cuda", "mobilenet_v2", precision));
  }
}

TEST_F(Cuda, EveryKindTrainsInBf16) {
  for (const char* architecture :
       {"vgg16", "inception_v3", "squeezenet1_1", "resnet18", "densenet121", "efficientnet_b0",
        "convnext_tiny", "googlenet", "mobilenet_v3_small", "shufflenet_v2_x1_0"}) {
    for (const char* level : {"head", "1", "all"}) {
      const UnitOutcome outcome = trained_on("cuda", architecture, "bf16", level);
      EXPECT_TRUE(outcome.record.finished) << architecture << " " << level;
    }
  }
}

TEST(Device, CudaIsRefusedWhereThereIsNone) {
  if (cuda_device_count() > 0) GTEST_SKIP() << "there is a GPU";
  EXPECT_EQ(resolve_device("auto"), Device::cpu);
  EXPECT_EQ(resolve_device("cpu"), Device::cpu);
  EXPECT_THAT(tests::error_of([] { resolve_device("cuda"); }),
              testing::HasSubstr("LibTorch can use no GPU"));
}

}  // namespace fathom::train
