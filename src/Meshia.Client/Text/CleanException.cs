namespace Meshia;

/// <summary>
/// Stands for an exception whose text is not safe to show: the framework repeats in it what came over the network, and
/// PowerShell shows inner exceptions too. It says the same through <see cref="DisplayText"/>.
/// </summary>
internal sealed class CleanException : Exception
{
    private readonly Exception _original;

    private CleanException(Exception original)
        : base(DisplayText.From(original.Message), Of(original.InnerException)) => _original = original;

    /// <summary>The type of the exception that it stands for.</summary>
    public string OriginalType => _original.GetType().FullName!;

    /// <inheritdoc/>
    public override string? StackTrace => _original.StackTrace;

    /// <summary>The exception itself where its text, and that of those in it, is safe to show; else one that stands for it.</summary>
    /// <param name="failure">The exception.</param>
    public static Exception? Of(Exception? failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (DisplayText.Clean(cause.Message, DisplayText.LongestMessage) != cause.Message)
                return new CleanException(failure!);
        }

        return failure;
    }
}
