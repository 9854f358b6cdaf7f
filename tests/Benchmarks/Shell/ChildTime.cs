using System.Runtime.InteropServices;

namespace Meshia.Benchmarks;

/// <summary>Processor time of processes that this one has started. .NET gives it for a process that has ended on Windows only.</summary>
internal static class ChildTime
{
    private const int Children = -1;

    /// <summary>The time of all that have ended.</summary>
    public static TimeSpan OfEnded()
    {
        if (OperatingSystem.IsWindows())
            return default;
        // Two pairs of seconds and microseconds come first.
        var usage = new long[18];
        return NativeMethods.Usage(Children, usage) == 0
            ? TimeSpan.FromSeconds(usage[0] + usage[2]) + TimeSpan.FromMicroseconds(usage[1] + usage[3])
            : throw new InvalidOperationException("The system does not tell the time of processes.");
    }

    private static class NativeMethods
    {
        [DllImport("libc", EntryPoint = "getrusage")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Usage(int who, long[] usage);
    }
}
