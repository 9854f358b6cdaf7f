using System.Diagnostics;
using System.Reflection;

namespace Meshia.Tests;

/// <summary>The pinned PowerShell compiled ahead of time, as its releases are. The .NET tool is not.</summary>
internal static class CompiledPwsh
{
    private static readonly string[] _compiled =
    [
        "pwsh", "System.Management.Automation", "Microsoft.PowerShell.ConsoleHost", "Microsoft.PowerShell.Commands.Utility", "Microsoft.PowerShell.Commands.Management",
        "Microsoft.PowerShell.Security", "Microsoft.ApplicationInsights", "Newtonsoft.Json",
    ];

    /// <summary>Compiles it once, which takes half a minute.</summary>
    /// <param name="output">The folder <c>out</c> of the checkout.</param>
    /// <returns>Its <c>pwsh.dll</c>; null where the compiler for this system is missing.</returns>
    public static async Task<string?> FindAsync(string output)
    {
        var (compiler, runtime) = (Said("Compiler"), Said("Runtime"));
        if (!File.Exists(compiler) || !Directory.Exists(runtime))
            return null;
        var source = Path.GetDirectoryName(Pwsh.Library)!;
        var folder = Path.Combine(output, $"pwsh-{Said("PwshVersion")}");
        var finished = Path.Combine(folder, "compiled");
        if (!File.Exists(finished))
        {
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy, overwrite: true);
            }

            foreach (var name in _compiled)
            {
                using var process = Process.Start(new ProcessStartInfo(compiler, [Path.Combine(source, $"{name}.dll"), "-o", Path.Combine(folder, $"{name}.dll"), "-r", runtime, "-r", source + Path.DirectorySeparatorChar, "-O"]) { RedirectStandardOutput = true })!;
                await process.StandardOutput.ReadToEndAsync();
                await process.WaitForExitAsync();
                if (process.ExitCode != 0)
                    throw new InvalidOperationException($"{name} was not compiled.");
            }

            await File.WriteAllTextAsync(finished, "");
        }

        return Path.GetFullPath(Path.Combine(folder, "pwsh.dll"));
    }

    private static string Said(string name) => typeof(CompiledPwsh).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == name).Value!;
}
