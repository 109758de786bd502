// The table of commands and what they share: flags from settings, terminal output.
// A command is: declare flags -> one options struct -> one library call.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fathom/base/error.h"
#include "fathom/base/options.h"

namespace fathom::cli {

/// The exact command line, for records.
struct Invocation {
  std::string command;
};

/// Does the work after parsing; returns the exit code.
using Action = std::function<int(const Invocation&)>;

struct Command {
  const char* name;
  const char* summary;
  /// Declares flags and sub-commands on `app` and stores in `action` what to do if it is called.
  void (*declare)(CLI::App& app, Action& action);
};

/// Every command, in the order of the help.
const std::vector<Command>& commands();

void declare_study(CLI::App& app, Action& action);
void declare_plan(CLI::App& app, Action& action);
void declare_run(CLI::App& app, Action& action);
void declare_status(CLI::App& app, Action& action);
void declare_probe(CLI::App& app, Action& action);
void declare_submit(CLI::App& app, Action& action);
void declare_report(CLI::App& app, Action& action);
void declare_export(CLI::App& app, Action& action);
void declare_predict(CLI::App& app, Action& action);
void declare_data(CLI::App& app, Action& action);
void declare_weights(CLI::App& app, Action& action);
void declare_doctor(CLI::App& app, Action& action);

inline constexpr int kExitDone = 0;
inline constexpr int kExitError = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFailedUnits = 3;
inline constexpr int kExitInterrupted = 130;

/// A flag whose value is not allowed: exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// Interrupted, in a command that keeps nothing of what it did.
class InterruptedForGood : public Interrupted {};

/// One flag per field. What the user gave is kept as text and set on top of defaults and file.
class FieldFlags {
 public:
  /// Declares the flags in a help group of their own. `fields` are read for names, help, defaults.
  void declare(CLI::App& app, const std::string& group, const std::vector<Field>& fields);

  /// Sets the flags that were given on `fields` (those of the struct to fill).
  void apply(const std::vector<Field>& fields) const;

 private:
  struct Given {
    std::string field;
    std::string text;
    CLI::Option* option;
  };
  std::vector<std::shared_ptr<Given>> given_;
};

}  // namespace fathom::cli
