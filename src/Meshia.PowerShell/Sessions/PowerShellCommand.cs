using System.Diagnostics;

namespace Meshia.PowerShell;

/// <summary>How to run this same PowerShell again.</summary>
internal static class PowerShellCommand
{
    /// <summary>The command, with an absolute path: a bare name would be looked for in the current folder too.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static string[] Find()
    {
        using var self = Process.GetCurrentProcess();
        var path = self.MainModule?.FileName ?? "";
        var name = Path.GetFileNameWithoutExtension(path);
        if (name.Equals("pwsh", StringComparison.OrdinalIgnoreCase) || name.Equals("powershell", StringComparison.OrdinalIgnoreCase))
            return [path];
        var home = Path.GetDirectoryName(typeof(System.Management.Automation.PSObject).Assembly.Location) ?? "";
        // As a .NET tool, PowerShell runs under dotnet.
        if (name == "dotnet" && File.Exists(Path.Combine(home, "pwsh.dll")))
            return [path, "exec", Path.Combine(home, "pwsh.dll")];
        return ProgramPath.Find("pwsh") is { } found ? [found] : throw new InvalidOperationException("there is no pwsh on the PATH");
    }
}
