using System.Diagnostics;

namespace Meshia.Sandbox.Tests.Clients;

/// <summary>
/// Clients that others generate from <c>/openapi.json</c> can use every operation. They need Kiota and npm, and the packages of both from
/// the network, so they run only where they are asked for: see tests/README.md.
/// </summary>
public sealed class GeneratedClientTests : IDisposable
{
    private const string Everything = "12 operations, 37 errors";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-sandbox-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact(Explicit = true)]
    public async Task Kiota()
    {
        await using var sandbox = await StartAsync("Kiota");
        await RunAsync("dotnet", "tool", "exec", "Microsoft.OpenApi.Kiota", "--version", "1.38.0", "-y", "--", "generate", "-l", "CSharp", "-d", "openapi.json", "-c", "MeshiaClient", "-n", "Generated", "-o", "Generated");
        Assert.Equal(Everything, await RunAsync("dotnet", "run", "--", sandbox.BaseUri.AbsoluteUri, TestSandbox.Key));
    }

    [Fact(Explicit = true)]
    public async Task OpenApi_typescript()
    {
        await using var sandbox = await StartAsync("TypeScript");
        await RunAsync("npm", "install", "--no-audit", "--no-fund");
        await RunAsync("npx", "openapi-typescript", "openapi.json", "-o", "generated.mts");
        await RunAsync("npx", "tsc", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node", "client.mts");
        Assert.Equal(Everything, await RunAsync("node", "client.mjs", sandbox.BaseUri.AbsoluteUri, TestSandbox.Key));
    }

    private async Task<TestSandbox> StartAsync(string client)
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Folder(), client)))
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
        var sandbox = await TestSandbox.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "openapi.json"), await sandbox.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative), TestSandbox.Cancel), TestSandbox.Cancel);
        return sandbox;
    }

    /// <returns>The last line of its output.</returns>
    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() && program.StartsWith("np", StringComparison.Ordinal) ? $"{program}.cmd" : program, arguments)
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestSandbox.Cancel);
        var errors = await process.StandardError.ReadToEndAsync(TestSandbox.Cancel);
        await process.WaitForExitAsync(TestSandbox.Cancel);
        Assert.True(process.ExitCode == 0, $"{program} {arguments[0]}: {await output} {errors}");
        return (await output).TrimEnd().Split('\n')[^1].TrimEnd();
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Meshia.Sandbox.Tests.csproj")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests are not run from within the repository.");
        return Path.Combine(folder.FullName, "Clients");
    }
}
