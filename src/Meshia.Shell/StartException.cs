namespace Meshia.Shell;

/// <summary>The script could not be started; the message says what to do about it.</summary>
internal sealed class StartException(int exitCode, string message) : Exception(message)
{
    internal int ExitCode { get; } = exitCode;
}
