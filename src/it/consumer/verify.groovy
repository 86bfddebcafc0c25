def plain = new File(basedir, "target/plain.txt").readLines()
def vector = new File(basedir, "target/vector.txt").readLines()
def hint = "--add-modules jdk.incubator.vector"

def sums = plain.findAll { it.startsWith("y [1, 16, 12, 10] sum ") && it.contains(", z [1, 8, 24, 20] sum ") }
assert sums.size() == 2 && sums.unique().size() == 1: "the plain program computes twice the same:\n" + plain.join("\n")
assert vector.findAll { it == sums[0] }.size() == 2: "and what it computes with vectors:\n" + vector.join("\n")

assert plain.findAll { it.contains(hint) }.size() == 1: "the plain program says once how to get vectors:\n" + plain.join("\n")
assert vector.findAll { it.contains(hint) }.isEmpty(): "and not when it has them:\n" + vector.join("\n")

// Logging, the reader of weight files' headers, and the bindings of the GPU, which lie idle where there is none; nothing of what
// only the command needs
def libraries = new File(basedir, "target/class-path.txt").text.trim().split(File.pathSeparator).collect { new File(it).name }
def more = libraries.findAll { !(it ==~ /(jconv|slf4j-(api|simple)|jackson-core|(jcuda|jcublas|jcudnn)(-natives)?)-\d.*\.jar/) }
assert libraries.size() > 1 && more.isEmpty(): "a library user gets " + more

def tests = new groovy.xml.XmlSlurper().parse(new File(basedir, "target/surefire-reports/TEST-com.example.OwnConvolutionTest.xml"))
assert tests.@tests == "8" && tests.@failures == "0" && tests.@errors == "0": "the program's own convolution is checked: $tests"
