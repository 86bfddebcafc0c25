package io.github.jconv.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What became of the tests of a class that was run by itself.
 *
 * @param passed display names of the tests that passed
 * @param failed those that failed, and of containers that did
 * @param causes why they failed, in the same order
 */
public record JUnitRun(List<String> passed, List<String> failed, List<Throwable> causes) {

    public static JUnitRun of(Class<?> tests) {
        JUnitRun run = new JUnitRun(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        LauncherFactory.create().execute(LauncherDiscoveryRequestBuilder.request().selectors(selectClass(tests)).build(),
                new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        run.add(test, result);
                    }
                });
        return run;
    }

    private void add(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
            failed.add(test.getDisplayName());
            causes.add(result.getThrowable().orElse(null));
        } else if (test.isTest()) {
            passed.add(test.getDisplayName());
        }
    }

    /** As {@code 3 tests passed, 0 failed}. */
    @Override
    public String toString() {
        return passed.size() + " tests passed, " + failed.size() + " failed";
    }
}
