// RegNetY-800MF (Radosavovic et al. 2020) with torchvision's names: residual bottlenecks of grouped
// convolutions with squeeze-and-excitation.
#include <fmt/format.h>

#include <array>

#include "fathom/zoo/families.h"

namespace fathom::zoo {
namespace {

struct RegNetStage {
  std::int64_t width;
  int units;
};
/// What the paper's linear rule gives for w_0 = 56, w_a = 38.84, w_m = 2.4, depth 14.
constexpr std::array<RegNetStage, 4> kRegNetStages{{{64, 1}, {144, 3}, {320, 8}, {784, 2}}};
constexpr std::int64_t kRegNetGroupWidth = 16;

Layer regnet_unit(std::int64_t in, std::int64_t out, int stride) {
  Layer body = under(
      "f",
      chain({conv_norm("a", conv_options(in, out, 1)),
             conv_norm("b", conv_options(out, out, 3, stride, out / kRegNetGroupWidth)),
             under("se", squeeze_excitation(out, in / 4, Activation::relu, Activation::sigmoid)),
             conv_norm("c", conv_options(out, out, 1), Activation::none)}));
  Layer shortcut;
  if (in != out || stride != 1) {
    shortcut = conv_norm("proj", conv_options(in, out, 1, stride), Activation::none);
  }
  return chain({residual(std::move(body), std::move(shortcut)), relu()});
}

Backbone build_regnet(Classes classes) {
  Backbone net{.channels = 32};
  net.blocks.emplace_back("stem", conv_norm("stem", conv_options(3, net.channels, 3, 2)));
  for (std::size_t i = 0; i < kRegNetStages.size(); ++i) {
    const RegNetStage& stage = kRegNetStages[i];
    const std::string block = "block" + std::to_string(i + 1);
    for (int unit = 0; unit < stage.units; ++unit, net.channels = stage.width) {
      net.blocks.emplace_back(unit_name("block", i + 1, unit),
                              under(fmt::format("trunk_output.{0}.{0}-{1}", block, unit),
                                    regnet_unit(net.channels, stage.width, unit == 0 ? 2 : 1)));
    }
  }
  if (classes) net.classifier = linear_classifier("fc", net.channels, *classes);
  return net;
}

}  // namespace

Family regnet_family() {
  return {{{.name = "regnet_y_800mf",
            .title = "RegNetY-800MF",
            .paper = "Radosavovic et al. 2020, Designing Network Design Spaces, arXiv:2003.13678",
            .fine_blocks = unit_names("block", 1, units_of(kRegNetStages), {"stem"}),
            .min_input = 32,
            .has_norm = true,
            .published_head = {"fc"}},
           build_regnet}};
}

}  // namespace fathom::zoo
