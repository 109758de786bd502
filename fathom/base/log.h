// Where the library tells what it is doing. The library never prints: the command sets the sink.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>

namespace fathom {

enum class LogLevel { info, warning };

/// Receives every message; called from any thread, one call at a time.
using LogSink = std::function<void(LogLevel, const std::string&)>;

/// Sets the sink (none at the start: messages are dropped). Not to be called while others log.
void set_log_sink(LogSink sink);
void log_message(LogLevel level, const std::string& message);

template <class... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
}

template <class... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log_message(LogLevel::warning, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace fathom
