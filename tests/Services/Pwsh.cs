using System.Diagnostics;
using System.Reflection;
using System.Text;

namespace Meshia.Tests;

/// <summary>The real PowerShell 7 in the pinned version, compiled ahead of time as its releases are.</summary>
internal static class Pwsh
{
    /// <summary>The <c>pwsh.dll</c> that the project Pwsh compiled, which <c>dotnet exec</c> runs.</summary>
    public static string Library { get; } = Path.GetFullPath(Path.Combine(
        typeof(Pwsh).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "PwshFolder").Value!,
        "pwsh.dll"));

    /// <summary>How it is started: <c>dotnet exec pwsh.dll</c>, with what comes in and out redirected.</summary>
    /// <param name="arguments">The arguments of <c>pwsh</c>, without <c>-NoProfile</c>.</param>
    public static ProcessStartInfo Start(params IEnumerable<string> arguments)
    {
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(host, ["exec", Library, "-NoProfile", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        return start;
    }
}
