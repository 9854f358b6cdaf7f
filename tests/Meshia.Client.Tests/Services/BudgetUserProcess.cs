using System.Diagnostics;

namespace Meshia.Client.Tests;

/// <summary>tests/BudgetUser in a process of its own.</summary>
internal static class BudgetUserProcess
{
    public static Process Start(params string[] arguments)
    {
        var program = Path.Combine(Root(), "tests", "BudgetUser", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "BudgetUser.dll");
        return Process.Start(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [program, .. arguments]);
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); ; folder = folder.Parent!)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Meshia.psd1")))
                return folder.FullName;
        }
    }
}
