#include "fathom/weights/pickle.h"

#include <bit>

#include "fathom/weights/pickle_reader.h"

namespace fathom::weights {

/// CPython's opcodes, of protocols 2 to 5, that a pickled state dict is written with.
enum class PickleOp : std::uint8_t {
  mark = '(',
  stop = '.',
  none = 'N',
  new_true = 0x88,
  new_false = 0x89,
  bin_int = 'J',
  bin_int1 = 'K',
  bin_int2 = 'M',
  long1 = 0x8a,
  bin_float = 'G',
  short_bin_string = 'U',
  bin_string = 'T',
  short_bin_bytes = 'C',
  bin_bytes = 'B',
  short_bin_unicode = 0x8c,
  bin_unicode = 'X',
  bin_unicode8 = 0x8d,
  empty_tuple = ')',
  tuple = 't',
  tuple1 = 0x85,
  tuple2 = 0x86,
  tuple3 = 0x87,
  empty_list = ']',
  append = 'a',
  appends = 'e',
  empty_dict = '}',
  set_item = 's',
  set_items = 'u',
  global = 'c',
  stack_global = 0x93,
  reduce = 'R',
  new_object = 0x81,
  build = 'b',
  bin_put = 'q',
  long_bin_put = 'r',
  memoize = 0x94,
  bin_get = 'h',
  long_bin_get = 'j',
  bin_persid = 'Q',
  protocol = 0x80,
  frame = 0x95,
};

using Op = PickleOp;

void PickleReader::run() {
  const std::size_t begin = in_.offset();
  if (in_.read<std::uint8_t>() != static_cast<std::uint8_t>(Op::protocol)) {
    fail("it does not begin with its protocol");
  }
  if (const int protocol = in_.read<std::uint8_t>(); protocol < 2 || protocol > 5) {
    fail(fmt::format("protocol {}; 2 to 5 are read", protocol));
  }
  for (;;) {
    const Op op{in_.read<std::uint8_t>()};
    if (op == Op::stop) break;
    step(op);
    if (in_.offset() - begin > Pickle::kMaxBytes) {
      fail(fmt::format("more than {} MiB of pickle", Pickle::kMaxBytes >> 20));
    }
  }
  if (!marks_.empty() || stack_.size() != 1) fail("it does not end with one value");
  pickle_.root_ = stack_.back();
}

void PickleReader::step(Op op) {
  switch (op) {
    case Op::mark:
      spend(1);
      return marks_.push_back(stack_.size());
    case Op::frame:  // only tells how much could be read ahead
      in_.read<std::uint64_t>();
      return;
    case Op::global: {
      const auto module = take_line();
      return push_global(module, take_line());
    }
    case Op::stack_global: {
      const auto name = as<std::string_view>(pop(), "the name of a global");
      return push_global(as<std::string_view>(pop(), "the module of a global"), name);
    }
    case Op::reduce:
    case Op::new_object: {
      const auto operands = pop_count(2);
      return call(operands[0], operands[1]);
    }
    case Op::build:
      return build(pop());
    case Op::bin_persid:
      return push_persistent(pop());
    default:
      return step_atom(op);
  }
}

void PickleReader::step_atom(Op op) {
  switch (op) {
    case Op::none:
      return push(Pickle::None{});
    case Op::new_true:
      return push(true);
    case Op::new_false:
      return push(false);
    case Op::bin_int:
      return push(std::int64_t{in_.read<std::int32_t>()});
    case Op::bin_int1:
      return push(std::int64_t{in_.read<std::uint8_t>()});
    case Op::bin_int2:
      return push(std::int64_t{in_.read<std::uint16_t>()});
    case Op::long1:
      return push_long(in_.read<std::uint8_t>());
    case Op::bin_float:
      return push_float();
    case Op::short_bin_string:
    case Op::short_bin_bytes:
    case Op::short_bin_unicode:
      return push_text(in_.read<std::uint8_t>());
    case Op::bin_string:
    case Op::bin_bytes:
    case Op::bin_unicode:
      return push_text(in_.read<std::uint32_t>());
    case Op::bin_unicode8:
      return push_text(in_.read<std::uint64_t>());
    default:
      return step_container(op);
  }
}

void PickleReader::step_container(Op op) {
  switch (op) {
    case Op::empty_tuple:
      return push(Pickle::Tuple{});
    case Op::tuple:
      return push(Pickle::Tuple{pop_to_mark()});
    case Op::tuple1:
      return push(Pickle::Tuple{pop_count(1)});
    case Op::tuple2:
      return push(Pickle::Tuple{pop_count(2)});
    case Op::tuple3:
      return push(Pickle::Tuple{pop_count(3)});
    case Op::empty_list:
      return push(Pickle::List{});
    case Op::append: {
      const Id item = pop();
      return top<Pickle::List>("a list").items.push_back(item);
    }
    case Op::appends: {
      const auto items = pop_to_mark();
      auto& list = top<Pickle::List>("a list").items;
      list.insert(list.end(), items.begin(), items.end());
      return;
    }
    case Op::empty_dict:
      return push(Pickle::Dict{});
    case Op::set_item:
      return set_items(pop_count(2));
    case Op::set_items:
      return set_items(pop_to_mark());
    default:
      return step_memo(op);
  }
}

void PickleReader::step_memo(Op op) {
  switch (op) {
    case Op::bin_put:
      return put(in_.read<std::uint8_t>());
    case Op::long_bin_put:
      return put(in_.read<std::uint32_t>());
    case Op::memoize:
      return put(static_cast<std::uint32_t>(memo_.size()));
    case Op::bin_get:
      return get(in_.read<std::uint8_t>());
    case Op::long_bin_get:
      return get(in_.read<std::uint32_t>());
    default:
      fail(fmt::format("opcode 0x{:02x} has no place in a state dict: refused",
                       static_cast<unsigned>(op)));
  }
}

void PickleReader::push_long(std::size_t size) {
  const std::string_view bytes = in_.take_text(size);
  if (size > sizeof(std::int64_t)) return push(Pickle::BigInteger{bytes});
  std::uint64_t value = !bytes.empty() && (bytes.back() & 0x80) ? ~std::uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) {
    value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  push(static_cast<std::int64_t>(value));
}

void PickleReader::push_float() {  // big-endian, unlike everything else
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | in_.read<std::uint8_t>();
  push(std::bit_cast<double>(bits));
}

std::string_view PickleReader::take_line() {
  ByteReader ahead = in_;
  std::size_t length = 0;
  while (ahead.read<char>() != '\n') ++length;
  const std::string_view line = in_.take_text(length);
  in_.take(1);
  return line;
}

void PickleReader::set_items(const std::vector<Id>& items) {
  if (items.size() % 2 != 0) fail("a key without a value");
  auto& dict = top<Pickle::Dict>("a dict").items;
  for (std::size_t i = 0; i < items.size(); i += 2) dict.emplace_back(items[i], items[i + 1]);
}

void PickleReader::put(std::uint32_t index) {
  if (stack_.size() <= floor()) fail("the stack is empty");
  if (memo_.size() == Pickle::kMaxValues) fail("too many memo entries");
  memo_[index] = stack_.back();
}

void PickleReader::get(std::uint32_t index) {
  const auto found = memo_.find(index);
  if (found == memo_.end()) fail(fmt::format("memo entry {} was never put", index));
  spend(1);
  stack_.push_back(found->second);
}

Pickle::Pickle(ByteReader& in, std::string where) {
  PickleReader(*this, in, std::move(where)).run();
}

}  // namespace fathom::weights
