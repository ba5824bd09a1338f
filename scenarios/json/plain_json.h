#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "allocator/base/os/input_file.h"

namespace vkmembench {

// Whether a text was told to its end, or until its receiver had enough, or as far as it is plain.
enum class PlainJson : std::uint8_t { whole, ended, not_plain };

// Tells a receiver what a JSON text holds, as nlohmann::json::sax_parse does, several times as fast and only as far as
// the text is plain: without escapes, control characters or bytes beyond ASCII in texts, numbers below 0, with a
// fraction or above 18 digits, and mistakes. What it told until then is what sax_parse tells first. The texts given to
// key() and string() are of the text itself.
template <typename Receiver>
class PlainJsonScanner {
 public:
  PlainJsonScanner(std::string_view text, Receiver& receiver)
      : at_(text.data()), end_(text.data() + text.size()), receiver_(receiver) {}

  PlainJson scan() {
    for (;;) {
      const PlainJson value = scan_value();
      if (value != PlainJson::whole) return value;
      if (begins_) {
        begins_ = false;
        if (!is_next(is_object() ? '}' : ']')) {
          if (const PlainJson key = scan_key(); key != PlainJson::whole) return key;
          continue;
        }
        if (!tell_end()) return PlainJson::ended;
      }
      // A value is complete: so is what holds it, perhaps, and what holds that.
      for (;;) {
        if (depth_ == 0) return at_end() ? PlainJson::whole : PlainJson::not_plain;
        if (is_next(',')) break;
        if (!is_next(is_object() ? '}' : ']')) return PlainJson::not_plain;
        if (!tell_end()) return PlainJson::ended;
      }
      if (const PlainJson key = scan_key(); key != PlainJson::whole) return key;
    }
  }

 private:
  static constexpr std::size_t kMostDigits = 18;

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static PlainJson told(bool go_on) { return go_on ? PlainJson::whole : PlainJson::ended; }
  [[nodiscard]] bool is_object() const { return (objects_ >> (depth_ - 1) & 1) != 0; }

  void skip_spaces() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }
  [[nodiscard]] bool at_end() {
    skip_spaces();
    return at_ == end_;
  }
  // Passes over the character, if it comes next.
  [[nodiscard]] bool is_next(char wanted) {
    if (at_end() || *at_ != wanted) return false;
    ++at_;
    return true;
  }

  // A container is whole when it has begun.
  PlainJson scan_value() {
    if (at_end()) return PlainJson::not_plain;
    switch (*at_) {
      case '{':
        return begin(true);
      case '[':
        return begin(false);
      case '"': {
        std::string_view text;
        return scan_text(text) ? told(receiver_.string(text)) : PlainJson::not_plain;
      }
      case 't':
        return is_word("true") ? told(receiver_.boolean(true)) : PlainJson::not_plain;
      case 'f':
        return is_word("false") ? told(receiver_.boolean(false)) : PlainJson::not_plain;
      case 'n':
        return is_word("null") ? told(receiver_.null()) : PlainJson::not_plain;
      default:
        return scan_number();
    }
  }
  PlainJson begin(bool object) {
    if (depth_ == kMaxNesting) return PlainJson::not_plain;
    ++at_;
    objects_ = (objects_ & ~(std::uint64_t{1} << depth_)) | std::uint64_t{object} << depth_;
    ++depth_;
    begins_ = true;
    constexpr auto kUnknownSize = static_cast<std::size_t>(-1);
    return told(object ? receiver_.start_object(kUnknownSize) : receiver_.start_array(kUnknownSize));
  }
  bool tell_end() {
    const bool object = is_object();
    --depth_;
    return object ? receiver_.end_object() : receiver_.end_array();
  }
  // Of an array's element there is none.
  PlainJson scan_key() {
    if (!is_object()) return PlainJson::whole;
    std::string_view name;
    if (at_end() || *at_ != '"' || !scan_text(name)) return PlainJson::not_plain;
    if (!receiver_.key(name)) return PlainJson::ended;
    return is_next(':') ? PlainJson::whole : PlainJson::not_plain;
  }
  bool is_word(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool scan_text(std::string_view& text) {
    const char* const begin = ++at_;
    skip_plain_words();
    while (at_ != end_ && is_plain(*at_)) ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    text = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }
  // Passes over plain characters eight at a time, and over those before the first other one in such eight: of each byte
  // the highest bit says, after a subtraction that borrows, whether it is below what is subtracted. A borrow spoils but
  // higher bytes, which come later. (H. Warren, Hacker's Delight, 6-1)
  void skip_plain_words() {
    constexpr std::uint64_t kOnes = 0x0101010101010101u;
    constexpr std::uint64_t kHighest = kOnes << 7;
    if constexpr (std::endian::native != std::endian::little) return;
    while (end_ - at_ >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, sizeof word);
      const std::uint64_t quotes = word ^ (kOnes * '"');
      const std::uint64_t escapes = word ^ (kOnes * '\\');
      const std::uint64_t other = ((quotes - kOnes) | (escapes - kOnes) | (word - kOnes * ' ') | word) & kHighest;
      if (other != 0) {
        at_ += std::countr_zero(other) / 8;
        return;
      }
      at_ += 8;
    }
  }
  static bool is_plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }

  PlainJson scan_number() {
    const char* const begin = at_;
    std::uint64_t number = 0;
    while (at_ != end_ && is_digit(*at_)) number = number * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    const auto digits = static_cast<std::size_t>(at_ - begin);
    if (digits == 0 || digits > kMostDigits || (digits > 1 && *begin == '0')) return PlainJson::not_plain;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return PlainJson::not_plain;
    return told(receiver_.number_unsigned(number));
  }

  const char* at_;
  const char* end_;
  Receiver& receiver_;
  std::uint64_t objects_ = 0;  // of the open containers, a bit each, from the outermost
  std::size_t depth_ = 0;
  bool begins_ = false;  // a container, of which nothing was read yet
  static_assert(kMaxNesting <= 64);
};

}  // namespace vkmembench
