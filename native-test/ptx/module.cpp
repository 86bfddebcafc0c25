#include "module.h"

#include <utility>

namespace emulated::ptx {
namespace {

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
    std::string name = tokens.next();
    size_t size = element;
    if (tokens.accept("[")) {
        size *= static_cast<size_t>(digitsOf(tokens.next()));
        tokens.expect("]", kernel);
    }
    return {name, size, alignment == 0 ? element : alignment};
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

std::vector<PtxParameter> parseParameters(Tokens& tokens, const std::string& kernel) {
    std::vector<PtxParameter> parameters;
    if (tokens.accept("(") && !tokens.accept(")")) {
        do {
            parameters.push_back(parseParameter(tokens, kernel));
        } while (tokens.accept(","));
        tokens.expect(")", kernel);
    }
    return parameters;
}

void findBody(Tokens& tokens, PtxEntry& entry) {
    entry.bodyPlace = tokens.place();
    entry.bodyLine = tokens.line();
    skipBody(tokens, entry.name);
}

PtxEntry parseEntry(Tokens& tokens) {
    PtxEntry entry;
    entry.name = tokens.next();
    entry.parameters = parseParameters(tokens, entry.name);
    entry.maxThreads = parseThreadBound(tokens, entry.name);
    findBody(tokens, entry);
    return entry;
}

// .func (results) name(parameters) { body }, or with a semicolon for the body: announced, and written out further down.
void parseFunction(Tokens& tokens, PtxModule& module) {
    PtxEntry function;
    function.results = parseParameters(tokens, ".func");
    function.name = tokens.next();
    function.parameters = parseParameters(tokens, function.name);
    if (!tokens.accept(";")) {
        findBody(tokens, function);
        module.functions[function.name] = function;
    }
}

}  // namespace

PtxModule parsePtx(std::string text) {
    PtxModule module;
    module.text = std::move(text);
    Tokens tokens(module.text);
    while (!tokens.atEnd()) {
        std::string token = tokens.next();
        if (token == ".version") {
            module.version = digitsOf(tokens.next());
        } else if (token == ".target") {
            module.target = digitsOf(tokens.next());
        } else if (token == ".entry") {
            PtxEntry entry = parseEntry(tokens);
            module.entries[entry.name] = entry;
        } else if (token == ".func") {
            parseFunction(tokens, module);
        }
    }
    if (module.version == 0 || module.target == 0) {
        throw PtxError{"missing .version or .target"};
    }
    return module;
}

}  // namespace emulated::ptx
