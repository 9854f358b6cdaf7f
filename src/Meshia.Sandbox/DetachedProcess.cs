using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Meshia.Sandbox;

/// <summary>How long a sandbox lives.</summary>
internal enum ProcessLife
{
    /// <summary>Until it is stopped.</summary>
    OfItsOwn,

    /// <summary>Until its standard input closes.</summary>
    WithStandardInput,

    /// <summary>Until it is stopped, without a terminal.</summary>
    Detached,
}

/// <summary>A sandbox that continues when the process or the terminal that started it has ended.</summary>
internal static class DetachedProcess
{
    /// <summary>Starts one.</summary>
    public const string Option = "--detach";

    /// <summary>Is one.</summary>
    public const string InternalOption = "--detached";

    /// <summary>Starts the sandbox as another process, passes on what it says until it is ready, and leaves it.</summary>
    /// <param name="args">The arguments of this process.</param>
    /// <returns>The exit code: 0 when the sandbox is ready.</returns>
    public static async Task<int> StartAsync(string[] args)
    {
        var program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program)
        {
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The tool starts by its own name, the assembly with `dotnet`.
        if (Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(typeof(DetachedProcess).Assembly.Location);
        foreach (var argument in args.Where(argument => argument != Option).Append(InternalOption))
            start.ArgumentList.Add(argument);

        using var sandbox = Process.Start(start)!;
        sandbox.StandardInput.Close();
        sandbox.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                Console.Error.WriteLine(line.Data);
        };
        sandbox.BeginErrorReadLine();
        if (await sandbox.StandardOutput.ReadLineAsync() is { } ready)
        {
            Console.WriteLine(ready);
            return 0;
        }

        await sandbox.WaitForExitAsync();
        return sandbox.ExitCode == 0 ? 1 : sandbox.ExitCode;
    }

    /// <summary>Leaves the terminal: its Ctrl+C and its end are not for this process.</summary>
    public static void LeaveTerminal()
    {
        // On Windows it was started without the console of its parent.
        if (!OperatingSystem.IsWindows())
            _ = SetSessionId();
    }

    /// <summary>Nobody reads what it would write from now on.</summary>
    public static void CloseOutput()
    {
        Console.SetOut(TextWriter.Null);
        Console.SetError(TextWriter.Null);
    }

    [DllImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetSessionId();
}
