using System.Reflection;

namespace Meshia.Benchmarks;

/// <summary>What the rows share: the shell, a folder, and how often to measure.</summary>
internal sealed class Bench(bool isQuick) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-benchmark-");

    public bool IsQuick { get; } = isQuick;

    public string Folder => _folder.FullName;

    public string Build { get; } = $"{typeof(Bench).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration} build; PowerShell compiled ahead of time";

    /// <summary>The script that imports the module.</summary>
    public static string ImportModule { get; } = $"Import-Module '{Path.Combine(BuiltModule.Folder, "Meshia.psd1")}' -ErrorAction Stop\n";

    /// <summary>The script that imports the hand-written module with one cmdlet.</summary>
    public static string ImportFloor { get; } = $"Import-Module '{Path.Combine(AppContext.BaseDirectory, "floor", "Floor.dll")}' -ErrorAction Stop\n";

    /// <summary>How many pairs, not counting those that warm the disk and PowerShell's profiles.</summary>
    public int Rounds(int full) => IsQuick ? 1 : full;

    /// <summary>A shell with a profile folder of its own.</summary>
    public Shell Shell(string name) => new(Directory.CreateDirectory(Path.Combine(Folder, name)).FullName);

    /// <summary>Runs scripts in new shells in turns, and gives what each took.</summary>
    public async Task<IReadOnlyList<IReadOnlyList<ShellRun>>> InTurnsAsync(int rounds, string baseUri, params (string Name, string Script)[] variants)
    {
        var shells = variants.Select(variant => Shell(variant.Name)).ToList();
        var runs = variants.Select(_ => new List<ShellRun>()).ToList();
        var warmUp = IsQuick ? 0 : 2;
        for (var round = 0; round < rounds + warmUp; round++)
        {
            // The order changes, so that no variant always runs after the same one.
            for (var i = 0; i < variants.Length; i++)
            {
                var turn = round % 2 == 0 ? i : variants.Length - 1 - i;
                var run = await shells[turn].RunAsync(variants[turn].Script, baseUri);
                if (round >= warmUp)
                    runs[turn].Add(run);
            }
        }

        return runs;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
