using System.Management.Automation;

namespace Meshia.PowerShell;

#pragma warning disable RS0030 // The one place where texts become records of PowerShell's streams; each is a DisplayText.

/// <summary>Makes the records that PowerShell shows, of texts that are safe to show.</summary>
internal static class StreamRecord
{
    /// <summary>An error.</summary>
    /// <param name="failure">What failed.</param>
    /// <param name="errorId">The id by which scripts know it.</param>
    /// <param name="category">The kind of error.</param>
    /// <param name="target">What the user gave.</param>
    /// <param name="message">The message; by default that of the failure.</param>
    /// <param name="advice">What the user can do about it.</param>
    public static ErrorRecord Error(Exception failure, string errorId, ErrorCategory category, object? target, DisplayText? message = null, DisplayText? advice = null) =>
        new(CleanException.Of(failure), errorId, category, target) { ErrorDetails = new(message ?? DisplayText.From(failure.Message)) { RecommendedAction = advice?.ToString() } };

    /// <summary>An error that no exception has raised yet.</summary>
    public static ErrorRecord Error(string errorId, ErrorCategory category, object? target, DisplayText message, DisplayText? advice = null) =>
        Error(category == ErrorCategory.ObjectNotFound ? new ItemNotFoundException(message) : category == ErrorCategory.InvalidArgument ? new ArgumentException(message) : new InvalidOperationException(message), errorId, category, target, message, advice);

    /// <summary>How far something is.</summary>
    public static ProgressRecord Progress(int id, DisplayText activity, DisplayText status) => new(id, activity, status);

    /// <summary>The end of something, which takes its progress away.</summary>
    public static ProgressRecord Ended(int id, DisplayText activity) => new(id, activity, "Ended") { RecordType = ProgressRecordType.Completed };

    /// <summary>Something to know, which is not shown unless asked for.</summary>
    public static InformationRecord Information(DisplayText message, string source) => new(message.ToString(), source);

    /// <summary>A line on the host, as Write-Host writes it: it is in the output of the process, and in no variable.</summary>
    public static InformationRecord HostLine(string line, string source)
    {
        var record = new InformationRecord(new HostInformationMessage { Message = line }, source);
        record.Tags.Add("PSHOST");
        return record;
    }

    /// <summary>A suggestion of a completion.</summary>
    public static CompletionResult Completion(string argument, string value, DisplayText hint) => new(argument, value, CompletionResultType.ParameterValue, hint);

    /// <summary>An argument that a parameter does not take.</summary>
    public static ValidationMetadataException Refusal(DisplayText message, Exception? cause = null) => new(message, CleanException.Of(cause));

    /// <summary>An argument that cannot be made into what a parameter takes.</summary>
    public static ArgumentTransformationMetadataException NotConvertible(DisplayText message, Exception? cause = null) => new(message, CleanException.Of(cause));
}
