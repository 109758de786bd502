// The stack machine that fills a Pickle: opcodes in pickle.cpp, what they may call in
// pickle_calls.cpp. Internal to pickle.h.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fathom/weights/pickle.h"

namespace fathom::weights {

enum class PickleOp : std::uint8_t;

class PickleReader {
 public:
  PickleReader(Pickle& pickle, ByteReader& in, std::string where)
      : pickle_(pickle), in_(in), where_(std::move(where)) {}

  void run();

 private:
  using Id = Pickle::Id;
  using Value = Pickle::Value;

  void step(PickleOp op);
  void step_atom(PickleOp op);
  void step_container(PickleOp op);
  void step_memo(PickleOp op);

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(fmt::format("{}: broken pickle at byte {}: {}", where_, in_.offset(), what));
  }

  void spend(std::size_t values) {
    spent_ += values;
    if (spent_ > Pickle::kMaxValues) fail(fmt::format("more than {} values", Pickle::kMaxValues));
  }

  void push(Value value) {
    spend(1);
    pickle_.values_.push_back(std::move(value));
    stack_.push_back(static_cast<Id>(pickle_.values_.size() - 1));
  }

  /// The lowest stack position that the innermost mark leaves free.
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  Id pop() {
    if (stack_.size() <= floor()) fail("the stack is empty");
    const Id id = stack_.back();
    stack_.pop_back();
    return id;
  }

  std::vector<Id> pop_count(std::size_t count) {
    if (stack_.size() < floor() + count) fail("the stack is empty");
    std::vector<Id> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }

  std::vector<Id> pop_to_mark() {
    if (marks_.empty()) fail("no mark on the stack");
    auto items = pop_count(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }

  /// What is on top of the stack, as a container of type T.
  template <class T>
  T& top(const char* what) {
    if (stack_.size() <= floor()) fail("the stack is empty");
    T* value = std::get_if<T>(&pickle_.values_[stack_.back()]);
    if (!value) fail(fmt::format("{} was expected", what));
    return *value;
  }

  template <class T>
  const T& as(Id id, const char* what) const {
    const T* value = pickle_.get_if<T>(id);
    if (!value) fail(fmt::format("{} was expected", what));
    return *value;
  }

  std::uint64_t count(Id id, const char* what) const {
    const auto value = as<std::int64_t>(id, what);
    if (value < 0) fail(fmt::format("{} is {}", what, value));
    return static_cast<std::uint64_t>(value);
  }

  void push_text(std::uint64_t size) { push(in_.take_text(size)); }
  void push_long(std::size_t size);
  void push_float();
  std::string_view take_line();
  void push_global(std::string_view module, std::string_view name);
  void set_items(const std::vector<Id>& items);
  void put(std::uint32_t index);
  void get(std::uint32_t index);
  void push_persistent(Id id);
  void call(Id function, Id arguments);
  void call_ordered_dict(const std::vector<Id>& arguments);
  void call_rebuild_tensor(const std::vector<Id>& arguments);
  void build(Id state);

  Pickle& pickle_;
  ByteReader& in_;
  std::string where_;
  std::vector<Id> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, Id> memo_;
  std::size_t spent_ = 0;
};

}  // namespace fathom::weights
