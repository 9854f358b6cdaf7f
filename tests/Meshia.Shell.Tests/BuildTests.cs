namespace Meshia.Shell.Tests;

public class BuildTests
{
}
