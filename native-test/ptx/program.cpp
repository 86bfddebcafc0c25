#include "program.h"

#include <algorithm>

#include "coverage.h"
#include "instructions.h"

namespace emulated::ptx {
namespace {

const std::map<std::string, Special>& specialRegisters() {
    static const std::map<std::string, Special> all = {
        {"%tid.x", Special::TID_X},       {"%tid.y", Special::TID_Y},       {"%tid.z", Special::TID_Z},
        {"%ntid.x", Special::NTID_X},     {"%ntid.y", Special::NTID_Y},     {"%ntid.z", Special::NTID_Z},
        {"%ctaid.x", Special::CTAID_X},   {"%ctaid.y", Special::CTAID_Y},   {"%ctaid.z", Special::CTAID_Z},
        {"%nctaid.x", Special::NCTAID_X}, {"%nctaid.y", Special::NCTAID_Y}, {"%nctaid.z", Special::NCTAID_Z},
    };
    return all;
}

unsigned valueOf(Special special) {
    switch (special) {
        case Special::TID_X: return threadIndex.x;
        case Special::TID_Y: return threadIndex.y;
        case Special::TID_Z: return threadIndex.z;
        case Special::NTID_X: return blockSize.x;
        case Special::NTID_Y: return blockSize.y;
        case Special::NTID_Z: return blockSize.z;
        case Special::CTAID_X: return blockIndex.x;
        case Special::CTAID_Y: return blockIndex.y;
        case Special::CTAID_Z: return blockIndex.z;
        case Special::NCTAID_X: return gridSize.x;
        case Special::NCTAID_Y: return gridSize.y;
        default: return gridSize.z;
    }
}

bool isNumber(const std::string& token) {
    return token == "-" || (!token.empty() && std::isdigit(static_cast<unsigned char>(token[0])) != 0);
}

// Turns the body of one kernel or function into instructions.
class Assembler {
public:
    Assembler(const PtxModule& module, const PtxEntry& entry, bool kernel)
        : entry_(entry), kernel_(kernel), tokens_(module.text, entry.bodyPlace, entry.bodyLine) {
        function_.name = entry.name;
        if (!kernel) {
            function_.parameters = slotsOf(entry.parameters);
            function_.results = slotsOf(entry.results);
            return;
        }
        for (const PtxParameter& parameter : entry.parameters) {
            function_.sizes.push_back(parameter.size);
        }
    }

    Function assemble() {
        int depth = 0;
        do {
            if (tokens_.accept("{")) {
                depth++;
            } else if (tokens_.accept("}")) {
                depth--;
            } else {
                statement();
            }
        } while (depth > 0);
        for (const auto& [instruction, label] : branches_) {
            auto target = labels_.find(label);
            if (target == labels_.end()) {
                throw PtxError{entry_.name + ": there is no label " + label};
            }
            function_.code[instruction].index = target->second;
        }
        putConstantsFirst();
        return std::move(function_);
    }

private:
    std::vector<uint32_t> slotsOf(const std::vector<PtxParameter>& parameters) {
        std::vector<uint32_t> slots;
        for (const PtxParameter& parameter : parameters) {
            require(parameter.size <= sizeof(uint64_t), "a function takes numbers only, not " + parameter.name);
            slots.push_back(slotOf(parameter.name));
        }
        return slots;
    }

    std::string where() const { return entry_.name + ", line " + std::to_string(tokens_.line()); }

    void require(bool condition, const std::string& what) const {
        if (!condition) {
            throw PtxError{where() + ": " + what};
        }
    }

    void statement() {
        std::string word = tokens_.next();
        require(!word.empty(), "the body does not end");
        if (word == ".reg" || word == ".pragma") {
            while (!tokens_.accept(";")) {
                require(!tokens_.next().empty(), "the body does not end");
            }
        } else if (word == ".param") {  // what is handed to a function: numbers, each in a slot
            tokens_.next();
            slotOf(tokens_.next());
            tokens_.expect(";", where());
        } else if (tokens_.accept(":")) {
            labels_[word] = static_cast<uint32_t>(function_.code.size());
        } else {
            instruction(word);
        }
    }

    void instruction(std::string word) {
        Instruction made;
        made.line = tokens_.line();
        if (word[0] == '@') {
            made.guardValue = word.size() > 1 || !tokens_.accept("!");
            made.guard = slotOf(word.size() > 1 ? word.substr(1) : tokens_.next());
            word = tokens_.next();
        }
        const Meaning& meaning = meaningOf(word, where());
        made.execute = meaning.execute;
        operands(made, meaning);
        tokens_.expect(";", where());
        function_.code.push_back(made);
        function_.words.push_back(word);
    }

    void operands(Instruction& made, const Meaning& meaning) {
        switch (meaning.form) {
            case Form::PLAIN:
                made.to = slotOf(tokens_.next());
                for (int operand = 0; operand < meaning.operands; operand++) {
                    tokens_.expect(",", where());
                    made.operands[operand] = value();
                }
                break;
            case Form::MOVE: move(made, meaning.operands); break;
            case Form::LOAD:
                vector(made, meaning.operands, true);
                tokens_.expect(",", where());
                address(made);
                break;
            case Form::STORE:
                address(made);
                tokens_.expect(",", where());
                vector(made, meaning.operands, false);
                break;
            case Form::LOAD_PARAMETER:
                made.to = slotOf(tokens_.next());
                tokens_.expect(",", where());
                loadedParameter(made, meaning);
                break;
            case Form::STORE_PARAMETER:
                made.to = storedParameter();
                tokens_.expect(",", where());
                made.operands[0] = value();
                break;
            case Form::BRANCH: branches_.emplace_back(function_.code.size(), tokens_.next()); break;
            case Form::CALL: call(made); break;
            case Form::MATRIX: matrix(made); break;
            case Form::BARRIER: require(tokens_.accept("0"), "only the barrier 0 is known"); break;
            case Form::RETURN: break;
        }
    }

    void move(Instruction& made, int bytes) {
        if (tokens_.accept("{")) {
            require(bytes == 8, "only 64 bits are taken apart");
            made.execute = unpack;
            made.to = slotOf(tokens_.next());
            tokens_.expect(",", where());
            made.operands[1] = slotOf(tokens_.next());
            tokens_.expect("}", where());
            tokens_.expect(",", where());
            made.operands[0] = value();
            return;
        }
        made.to = slotOf(tokens_.next());
        tokens_.expect(",", where());
        if (tokens_.accept("{")) {
            require(bytes >= 4, "only 32 and 64 bits are put together");
            made.execute = bytes == 4 ? packHalves : pack;
            made.operands[0] = value();
            tokens_.expect(",", where());
            made.operands[1] = value();
            tokens_.expect("}", where());
        } else {
            made.operands[0] = value();
        }
    }

    void vector(Instruction& made, int elements, bool loaded) {
        if (elements == 1) {
            (loaded ? made.to : made.operands[0]) = loaded ? slotOf(tokens_.next()) : value();
            return;
        }
        braced(made.operands, loaded, elements);
    }

    template <int most>
    void braced(uint32_t (&slots)[most], bool written, int elements = most) {
        tokens_.expect("{", where());
        for (int element = 0; element < elements; element++) {
            if (element > 0) {
                tokens_.expect(",", where());
            }
            slots[element] = written ? slotOf(tokens_.next()) : value();
        }
        tokens_.expect("}", where());
    }

    void address(Instruction& made) {
        tokens_.expect("[", where());
        made.address = value();
        made.offset = offset();
        tokens_.expect("]", where());
    }

    int64_t offset() { return tokens_.accept("+") ? static_cast<int64_t>(number()) : 0; }

    // A kernel's parameters lie in memory; those of functions, and what is handed to them, in slots.
    void loadedParameter(Instruction& made, const Meaning& meaning) {
        tokens_.expect("[", where());
        std::string name = tokens_.next();
        made.offset = offset();
        tokens_.expect("]", where());
        if (name[0] == '%') {
            made.execute = meaning.executeAtAddress;
            made.address = slotOf(name);
            return;
        }
        for (size_t i = 0; kernel_ && i < entry_.parameters.size(); i++) {
            if (entry_.parameters[i].name == name) {
                made.index = static_cast<uint32_t>(i);
                return;
            }
        }
        require(made.offset == 0, "an offset into what a function takes");
        made.execute = copy;
        made.operands[0] = slotOf(name);
    }

    uint32_t storedParameter() {
        tokens_.expect("[", where());
        std::string name = tokens_.next();
        require(offset() == 0, "an offset into what a function takes");
        tokens_.expect("]", where());
        return slotOf(name);
    }

    void call(Instruction& made) {
        Call call;
        call.results = callSlots();
        tokens_.expect(",", where());
        call.name = tokens_.next();
        tokens_.expect(",", where());
        call.arguments = callSlots();
        made.index = static_cast<uint32_t>(function_.calls.size());
        function_.calls.push_back(call);
    }

    void matrix(Instruction& made) {
        MatrixPiece piece;
        braced(piece.result, true);
        tokens_.expect(",", where());
        braced(piece.a, false);
        tokens_.expect(",", where());
        braced(piece.b, false);
        tokens_.expect(",", where());
        braced(piece.added, false);
        made.index = static_cast<uint32_t>(function_.pieces.size());
        function_.pieces.push_back(piece);
    }

    std::vector<uint32_t> callSlots() {
        std::vector<uint32_t> slots;
        tokens_.expect("(", where());
        do {
            slots.push_back(slotOf(tokens_.next()));
        } while (tokens_.accept(","));
        tokens_.expect(")", where());
        return slots;
    }

    // A register, a special register, a number, or the address of shared memory or of a kernel's parameter.
    uint32_t value() {
        if (isNumber(tokens_.peek())) {
            uint64_t bits = number();
            return constant("number " + std::to_string(bits), bits);
        }
        std::string name = tokens_.next();
        if (name == "jconvSharedMemory") {
            return constant(name, SHARED_WINDOW);
        }
        for (size_t i = 0; kernel_ && i < entry_.parameters.size(); i++) {
            if (entry_.parameters[i].name == name) {
                return constant(name, parameterWindow(i));
            }
        }
        require(name[0] == '%', "the interpreter does not know " + name);
        return slotOf(name);
    }

    // 12, -12, 0x1f, 0f3F800000 (the bits of a float), 0d3FF0000000000000 (of a double)
    uint64_t number() {
        bool negative = tokens_.accept("-");
        std::string digits = tokens_.next();
        bool real = digits.size() > 2 && digits[0] == '0' && (digits[1] == 'f' || digits[1] == 'd' || digits[1] == 'F' || digits[1] == 'D');
        size_t used = 0;
        uint64_t bits = 0;
        try {
            bits = real ? std::stoull(digits.substr(2), &used, 16) : std::stoull(digits, &used, 0);
        } catch (const std::exception&) {
            used = 0;
        }
        require(used == digits.size() - (real ? 2 : 0) && used > 0, digits + " is not a number");
        return negative ? -bits : bits;
    }

    // Constants are numbered by themselves, with a mark, until it is known how many there are.
    uint32_t constant(const std::string& key, uint64_t bits) {
        auto [found, added] = slots_.emplace(key, CONSTANT | static_cast<uint32_t>(function_.constants.size()));
        if (added) {
            function_.constants.push_back(bits);
        }
        return found->second;
    }

    // What a thread must be given before it starts then lies side by side, and is copied at once.
    void putConstantsFirst() {
        auto place = [this](uint32_t& slot) {
            if (slot != NO_SLOT) {
                slot = (slot & CONSTANT) != 0 ? slot ^ CONSTANT : slot + static_cast<uint32_t>(function_.constants.size());
            }
        };
        for (Instruction& instruction : function_.code) {
            for (uint32_t* slot : {&instruction.to, &instruction.address, &instruction.guard}) {
                place(*slot);
            }
            for (uint32_t& operand : instruction.operands) {
                place(operand);
            }
        }
        for (MatrixPiece& piece : function_.pieces) {
            std::for_each(std::begin(piece.result), std::end(piece.result), place);
            std::for_each(std::begin(piece.a), std::end(piece.a), place);
            std::for_each(std::begin(piece.b), std::end(piece.b), place);
            std::for_each(std::begin(piece.added), std::end(piece.added), place);
        }
        for (auto& special : function_.specials) {
            place(special.first);
        }
        for (Call& call : function_.calls) {
            std::for_each(call.arguments.begin(), call.arguments.end(), place);
            std::for_each(call.results.begin(), call.results.end(), place);
        }
        std::for_each(function_.parameters.begin(), function_.parameters.end(), place);
        std::for_each(function_.results.begin(), function_.results.end(), place);
        function_.slots += function_.constants.size();
    }

    uint32_t slotOf(const std::string& name) {
        auto [found, added] = slots_.emplace(name, static_cast<uint32_t>(function_.slots));
        if (added) {
            function_.slots++;
            auto special = specialRegisters().find(name);
            if (special != specialRegisters().end()) {
                function_.specials.emplace_back(found->second, special->second);
            }
        }
        return found->second;
    }

    static constexpr uint32_t CONSTANT = 1u << 31;

    const PtxEntry& entry_;
    bool kernel_;
    Tokens tokens_;
    Function function_;
    std::map<std::string, uint32_t> slots_;
    std::map<std::string, uint32_t> labels_;
    std::vector<std::pair<size_t, std::string>> branches_;
};

}  // namespace

Program::Program(const PtxModule& module) {
    for (const auto& [name, entry] : module.functions) {
        functions_.emplace(name, Assembler(module, entry, false).assemble());
    }
    for (const auto& [name, entry] : module.entries) {
        functions_.emplace(name, Assembler(module, entry, true).assemble());
    }
    for (auto& [name, function] : functions_) {
        function.reached = Coverage::instance().of(function);
        for (Call& call : function.calls) {
            auto callee = functions_.find(call.name);
            if (callee == functions_.end() || module.functions.count(call.name) == 0
                || callee->second.parameters.size() != call.arguments.size()
                || callee->second.results.size() != call.results.size()) {
                throw PtxError{name + " calls " + call.name + ", which is no function with these parameters"};
            }
            call.callee = &callee->second;
        }
    }
}

void run(const Function& kernel, void* const* arguments) {
    auto* slots = static_cast<uint64_t*>(__builtin_alloca(kernel.slots * sizeof(uint64_t)));
    for (const auto& [slot, special] : kernel.specials) {
        slots[slot] = valueOf(special);
    }
    Thread thread{&kernel, slots, arguments, kernel.code.data()};
    runToEnd(thread);
}

}  // namespace emulated::ptx
