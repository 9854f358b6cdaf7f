using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary>What an <see cref="ArgumentException"/> tells a user, who never sees the parameter that .NET names at its end.</summary>
internal static class ArgumentError
{
    public static ErrorRecord ToErrorRecord(this ArgumentException failure, string errorId, object? target) =>
        StreamRecord.Error(failure, errorId, ErrorCategory.InvalidArgument, target, DisplayText.From(failure.Sentence()));

    /// <summary>The message without <c>(Parameter 'name')</c>, which .NET Framework puts on a line of its own.</summary>
    public static string Sentence(this ArgumentException failure) => failure.ParamName is { } name
        ? failure.Message.Replace($" (Parameter '{name}')", "").Split('\r', '\n')[0]
        : failure.Message;
}
