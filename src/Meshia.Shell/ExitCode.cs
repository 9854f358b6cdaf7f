namespace Meshia.Shell;

/// <summary>The exit codes that <c>pwsh -File</c> gives, where the script itself gives none.</summary>
internal static class ExitCode
{
    internal const int Success = 0;
    internal const int Failure = 1;
    internal const int Usage = 64;

    // 128 and the number of the signal, as every shell has it.
    internal const int Interrupted = 130;
    internal const int Terminated = 143;
}
