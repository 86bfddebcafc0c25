// PTX as a sequence of words and single signs, without comments, with the number of the line that each stands in.

#pragma once

#include <algorithm>
#include <cctype>
#include <string>

namespace emulated::ptx {

// Thrown with the line that a compiler's log would have.
struct PtxError {
    std::string message;
};

class Tokens {
public:
    // Reads `text` from a place on; `line` is the number of the line there. The text must outlive the tokens.
    explicit Tokens(const std::string& text, size_t from = 0, int line = 1) : text_(text), at_(from), line_(line) { advance(); }

    const std::string& peek() const { return token_; }
    bool atEnd() const { return token_.empty(); }

    // Where the token that `peek` shows begins, and the line that it stands in.
    size_t place() const { return start_; }
    int line() const { return tokenLine_; }

    std::string next() {
        std::string token = token_;
        advance();
        return token;
    }

    bool accept(const std::string& wanted) {
        bool found = token_ == wanted;
        if (found) {
            advance();
        }
        return found;
    }

    void expect(const std::string& wanted, const std::string& where) {
        if (!accept(wanted)) {
            throw PtxError{where + ": expected '" + wanted + "', found '" + token_ + "'"};
        }
    }

private:
    static bool isWord(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '.' || c == '%' || c == '@';
    }

    void advance() {
        skipBlanks();
        start_ = at_;
        tokenLine_ = line_;
        if (at_ < text_.size() && text_[at_] == '"') {
            at_ = std::min(text_.find('"', at_ + 1), text_.size() - 1) + 1;
        } else if (at_ < text_.size() && isWord(text_[at_])) {
            while (at_ < text_.size() && isWord(text_[at_])) {
                at_++;
            }
        } else if (at_ < text_.size()) {
            at_++;
        }
        token_ = text_.substr(start_, at_ - start_);
    }

    void skipBlanks() {
        for (;;) {
            while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
                line_ += text_[at_] == '\n' ? 1 : 0;
                at_++;
            }
            if (text_.compare(at_, 2, "//") == 0) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.compare(at_, 2, "/*") == 0) {
                size_t end = text_.find("*/", at_);
                size_t behind = end == std::string::npos ? text_.size() : end + 2;
                line_ += static_cast<int>(std::count(text_.begin() + at_, text_.begin() + behind, '\n'));
                at_ = behind;
            } else {
                return;
            }
        }
    }

    const std::string& text_;
    size_t at_;
    int line_;
    size_t start_ = 0;
    int tokenLine_ = 1;
    std::string token_;
};

}  // namespace emulated::ptx
