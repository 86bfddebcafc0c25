package io.github.jconv.algorithm;

/**
 * Whether an algorithm can serve a request, and if not, why.
 *
 * @param yes    the answer
 * @param reason for a no: the rest of the sentence "no, because ..."; empty for a yes
 */
public record Support(boolean yes, String reason) {

    private static final Support YES = new Support(true, "");

    public static Support supported() {
        return YES;
    }

    public static Support no(String because) {
        return new Support(false, because);
    }

    /** This answer if it is a no, otherwise the other one. */
    public Support and(Support other) {
        return yes ? other : this;
    }

    /** Yes if the condition holds, otherwise no with the reason. */
    public static Support when(boolean condition, String otherwiseBecause) {
        return condition ? YES : no(otherwiseBecause);
    }

    @Override
    public String toString() {
        return yes ? "yes" : "no, because " + reason;
    }
}
