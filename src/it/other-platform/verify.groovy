def libraries = new File(basedir, "target-on-a-mac/class-path.txt").text.trim().split(File.pathSeparator).collect { new File(it).name }
assert libraries.findAll { it.startsWith("jconv-") }.size() == 1
def natives = libraries.findAll { it.contains("-natives-") }.sort()
assert natives == ["jcublas-natives-12.6.0-linux-x86_64.jar", "jcuda-natives-12.6.0-linux-x86_64.jar",
        "jcudnn-natives-11.7.0-linux-x86_64.jar"]: "the one set of natives that JConv names, wherever it is resolved: " + natives
