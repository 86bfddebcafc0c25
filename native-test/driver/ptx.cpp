#include "ptx.h"

#include <cctype>
#include <cstdlib>
#include <utility>

#include "../emulation/launch.h"

namespace emulated::driver {
namespace {

// PTX as a sequence of words and single signs, without comments.
class Tokens {
public:
    explicit Tokens(const std::string& text) : text_(text) { advance(); }

    const std::string& peek() const { return token_; }
    bool atEnd() const { return token_.empty(); }

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
        size_t start = at_;
        if (at_ < text_.size() && text_[at_] == '"') {
            at_ = std::min(text_.find('"', at_ + 1), text_.size() - 1) + 1;
        } else if (at_ < text_.size() && isWord(text_[at_])) {
            while (at_ < text_.size() && isWord(text_[at_])) {
                at_++;
            }
        } else if (at_ < text_.size()) {
            at_++;
        }
        token_ = text_.substr(start, at_ - start);
    }

    void skipBlanks() {
        for (;;) {
            while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
                at_++;
            }
            if (text_.compare(at_, 2, "//") == 0) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (text_.compare(at_, 2, "/*") == 0) {
                size_t end = text_.find("*/", at_);
                at_ = end == std::string::npos ? text_.size() : end + 2;
            } else {
                return;
            }
        }
    }

    const std::string& text_;
    size_t at_ = 0;
    std::string token_;
};

// 70 of "7.0", 75 of "sm_75", 90 of "sm_90a".
int digitsOf(const std::string& token) {
    int value = 0;
    for (char c : token) {
        value = std::isdigit(static_cast<unsigned char>(c)) != 0 ? value * 10 + (c - '0') : value;
    }
    return value;
}

size_t sizeOfType(const std::string& type, const std::string& where) {
    int bits = digitsOf(type);
    if (type.size() < 3 || type[0] != '.' || (bits != 8 && bits != 16 && bits != 32 && bits != 64)) {
        throw PtxError{where + ": unknown parameter type '" + type + "'"};
    }
    return static_cast<size_t>(bits / 8);
}

// .param [.align N] .type name[count], with an optional .ptr attribute that says what a pointer points to
PtxParameter parseParameter(Tokens& tokens, const std::string& kernel) {
    tokens.expect(".param", kernel);
    size_t alignment = tokens.accept(".align") ? static_cast<size_t>(digitsOf(tokens.next())) : 0;
    size_t element = sizeOfType(tokens.next(), kernel);
    while (!tokens.atEnd() && tokens.peek()[0] == '.') {
        bool align = tokens.next() == ".align";
        if (align) {
            tokens.next();
        }
    }
    tokens.next();  // the name
    size_t size = element;
    if (tokens.accept("[")) {
        size *= static_cast<size_t>(digitsOf(tokens.next()));
        tokens.expect("]", kernel);
    }
    return {size, alignment == 0 ? element : alignment};
}

// The directives between a kernel's parameters and its body; .maxntid and .reqntid give the size of a block.
unsigned parseThreadBound(Tokens& tokens, const std::string& kernel) {
    unsigned threads = 0;
    while (!tokens.atEnd() && tokens.peek() != "{") {
        std::string directive = tokens.next();
        if (directive == ".maxntid" || directive == ".reqntid") {
            threads = static_cast<unsigned>(digitsOf(tokens.next()));
            while (tokens.accept(",")) {
                threads *= static_cast<unsigned>(digitsOf(tokens.next()));
            }
        }
    }
    if (tokens.atEnd()) {
        throw PtxError{kernel + " has no body"};
    }
    return threads;
}

void skipBody(Tokens& tokens, const std::string& kernel) {
    int depth = 0;
    do {
        if (tokens.atEnd()) {
            throw PtxError{kernel + "'s body does not end"};
        }
        std::string token = tokens.next();
        depth += token == "{" ? 1 : token == "}" ? -1 : 0;
    } while (depth > 0);
}

PtxEntry parseEntry(Tokens& tokens) {
    PtxEntry entry;
    entry.name = tokens.next();
    if (tokens.accept("(") && !tokens.accept(")")) {
        do {
            entry.parameters.push_back(parseParameter(tokens, entry.name));
        } while (tokens.accept(","));
        tokens.expect(")", entry.name);
    }
    entry.maxThreads = parseThreadBound(tokens, entry.name);
    skipBody(tokens, entry.name);
    return entry;
}

}  // namespace

PtxModule parsePtx(const std::string& text) {
    Tokens tokens(text);
    PtxModule module;
    while (!tokens.atEnd()) {
        std::string token = tokens.next();
        if (token == ".version") {
            module.version = digitsOf(tokens.next());
        } else if (token == ".target") {
            module.target = digitsOf(tokens.next());
        } else if (token == ".entry") {
            PtxEntry entry = parseEntry(tokens);
            module.entries[entry.name] = entry;
        }
    }
    if (module.version == 0 || module.target == 0) {
        throw PtxError{"missing .version or .target"};
    }
    return module;
}

const Kernel& findKernelOf(const PtxEntry& entry) {
    const Kernel* kernel = findKernel(entry.name);
    if (kernel == nullptr) {
        throw PtxError{entry.name + " has no emulation; build native-test anew if the kernel is new"};
    }
    if (kernel->parameters.size() != entry.parameters.size()) {
        throw PtxError{entry.name + " has " + std::to_string(entry.parameters.size()) + " parameters in the PTX and "
                       + std::to_string(kernel->parameters.size()) + " in its source"};
    }
    for (size_t i = 0; i < entry.parameters.size(); i++) {
        const PtxParameter& stated = entry.parameters[i];
        const Parameter& built = kernel->parameters[i];
        if (stated.size != built.size || stated.alignment != built.alignment) {
            throw PtxError{entry.name + ": parameter " + std::to_string(i) + " has " + std::to_string(stated.size)
                           + " bytes aligned to " + std::to_string(stated.alignment) + " in the PTX and "
                           + std::to_string(built.size) + " aligned to " + std::to_string(built.alignment) + " in its source"};
        }
    }
    if (kernel->maxThreads != entry.maxThreads) {
        throw PtxError{entry.name + " is bounded to " + std::to_string(entry.maxThreads) + " threads in the PTX and to "
                       + std::to_string(kernel->maxThreads) + " in its source"};
    }
    return *kernel;
}

int newestPtxVersion(int driverVersion) {
    // CUDA version, and the PTX version that came with it
    constexpr std::pair<int, int> RELEASES[] = {
        {13010, 91}, {13000, 90}, {12090, 88}, {12080, 87}, {12070, 86}, {12050, 85}, {12040, 84}, {12030, 83}, {12020, 82},
        {12010, 81}, {12000, 80}, {11080, 78}, {11070, 77}, {11060, 76}, {11050, 75}, {11040, 74}, {11030, 73}, {11020, 72},
        {11010, 71}, {11000, 70}, {10020, 65}, {10010, 64}, {10000, 63},
    };
    for (auto [cuda, ptx] : RELEASES) {
        if (driverVersion >= cuda) {
            return ptx;
        }
    }
    return 62;
}

}  // namespace emulated::driver
