// Dispatch and the one catch.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string_view>

#include "cli/command.h"
#include "cli/terminal.h"
#include "fathom/base/error.h"
#include "fathom/train/runtime.h"

namespace fathom::cli {
namespace {

Invocation invocation_of(int argc, char** argv) {
  Invocation invocation{"fathom"};
  for (int i = 1; i < argc; ++i) invocation.command.append(" ").append(shell_word(argv[i]));
  return invocation;
}

/// Names flags without the "{false}" that CLI11 puts behind those that say no.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    constexpr std::string_view kFalse = "{false}";
    std::string name = CLI::Formatter::make_option_name(option, is_positional);
    const std::size_t at = name.find(kFalse);
    return at == std::string::npos ? name : name.erase(at, kFalse.size());
  }
};

/// The deepest sub-command that was named, for its help and its flags.
const CLI::App* called(const CLI::App* app) {
  const auto subcommands = app->get_subcommands();
  return subcommands.empty() ? app : called(subcommands.front());
}

/// "did you mean --epochs?" for a flag or command that does not exist.
std::string suggestion(const CLI::App& app) {
  const CLI::App& command = *called(&app);
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) names.push_back(option->get_name());
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  for (const std::string& extra : app.remaining(true)) {
    const std::string near = nearest_name(extra, names);
    if (!near.empty()) return fmt::format(" Did you mean {}?", near);
  }
  return "";
}

int usage_error(const CLI::App& app, const CLI::ParseError& e) {
  std::string path;
  for (const CLI::App* a = called(&app); a != nullptr; a = a->get_parent()) {
    path = path.empty() ? a->get_name() : fmt::format("{} {}", a->get_name(), path);
  }
  fmt::print(stderr, "fathom: {}.{} See '{} --help'.\n", e.what(), suggestion(app), path);
  return kExitUsage;
}

int run(int argc, char** argv) {
  train::set_up_runtime();
  exit_on_signals();
  CLI::App app{"Finds out how deeply to fine-tune a pretrained CNN on your medical images.",
               "fathom"};
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_version_flag("--version", "fathom " FATHOM_VERSION);
  app.require_subcommand(1);
  app.footer("Start with 'fathom study --help' and 'fathom doctor'.");
  std::vector<Action> actions(commands().size());
  std::vector<CLI::App*> subcommands;
  for (std::size_t i = 0; i < commands().size(); ++i) {
    subcommands.push_back(app.add_subcommand(commands()[i].name, commands()[i].summary));
    commands()[i].declare(*subcommands.back(), actions[i]);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& e) {
    return app.exit(e);  // --help, --version
  } catch (const CLI::ParseError& e) {
    return usage_error(app, e);
  }
  send_log_to_terminal();
  for (std::size_t i = 0; i < subcommands.size(); ++i) {
    if (subcommands[i]->parsed()) return actions[i](invocation_of(argc, argv));
  }
  return kExitUsage;
}

}  // namespace
}  // namespace fathom::cli

int main(int argc, char** argv) {
  using namespace fathom;
  try {
    return cli::run(argc, argv);
  } catch (const cli::InterruptedForGood&) {
    cli::clear_line();
    fmt::print(stderr, "fathom: interrupted; nothing was kept, the same command begins anew\n");
    return cli::kExitInterrupted;
  } catch (const Interrupted&) {
    cli::clear_line();
    fmt::print(stderr, "fathom: interrupted; the same command goes on where it stopped\n");
    return cli::kExitInterrupted;
  } catch (const cli::UsageError& e) {
    fmt::print(stderr, "fathom: {}\n", e.what());
    return cli::kExitUsage;
  } catch (const Error& e) {  // ours, its lines as they are
    cli::clear_line();
    fmt::print(stderr, "fathom: {}\n", e.what());
  } catch (const std::exception& e) {
    cli::clear_line();
    fmt::print(stderr, "fathom: {}\n", train::reason_of(e));
  }
  return cli::kExitError;
}
